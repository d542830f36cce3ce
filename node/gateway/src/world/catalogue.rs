//! Invented goods and people.

/// Goods that the merchant sells.
pub(super) struct Sku {
    pub(super) item_no: &'static str,
    pub(super) name: &'static str,
    pub(super) gmodel: &'static str,
    /// Commodity code.
    pub(super) gcode: &'static str,
    /// Unit of measure, and statutory unit.
    pub(super) unit: &'static str,
    /// Country of origin.
    pub(super) country: &'static str,
    pub(super) price_cents: u64,
    pub(super) net_grams: u64,
}

macro_rules! skus {
    ($($item:literal $name:literal $model:literal $gcode:literal $unit:literal $country:literal
       $price:literal $grams:literal;)*) => {
        &[$(Sku {
            item_no: $item, name: $name, gmodel: $model, gcode: $gcode, unit: $unit,
            country: $country, price_cents: $price, net_grams: $grams,
        }),*]
    };
}

/// The catalogue. A macro only so that a line of the table is a line of the file.
pub(super) static SKUS: &[Sku] = skus! {
    "KH-001" "测试面霜"     "面部护理|50毫升/瓶|虚构牌"   "3304990029" "142" "305" 25_900 120;
    "KH-002" "测试奶粉"     "婴儿配方|900克/罐|虚构牌"    "1901101000" "122" "609" 19_850 1_050;
    "KH-003" "测试纸尿裤"   "婴儿用|L码54片/包|虚构牌"    "9619001100" "125" "116" 8_990 1_900;
    "KH-004" "测试鱼油"     "胶囊|100粒/瓶|虚构牌"        "2106909090" "142" "502" 12_999 210;
    "KH-005" "测试洗发水"   "500毫升/瓶|虚构牌"           "3305100090" "142" "133" 6_480 560;
    "KH-006" "测试巧克力"   "200克/盒|虚构牌"             "1806900000" "140" "301" 4_525 230;
    "KH-007" "测试牙刷"     "软毛|3支/盒|虚构牌"          "9603210000" "140" "304" 3_990 90;
    "KH-008" "测试保温杯"   "不锈钢|500毫升|虚构牌"       "9617001100" "007" "116" 17_800 340;
    "KH-009" "测试麦片"     "750克/袋|虚构牌"             "1904100000" "136" "303" 5_670 780;
    "KH-010" "测试口红"     "3.5克/支|虚构牌"             "3304100013" "012" "305" 23_000 40;
};

/// How many people there are.
pub const PEOPLE: usize = SERIALS * DAYS * MONTHS * YEARS;
/// Identity numbers for one birthday.
const SERIALS: usize = 1_000;
/// Birthdays are on days 1 to 28 of these months of these years.
const DAYS: usize = 28;
const MONTHS: usize = 12;
const YEARS: usize = 50;

/// A person, by number below [`PEOPLE`]. Two numbers never share a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) id_number: String,
    pub(super) telephone: String,
    pub(super) address: String,
    pub(super) account: String,
}

impl Person {
    pub(super) fn new(number: usize) -> Self {
        const STEMS: [char; 10] = ['甲', '乙', '丙', '丁', '戊', '己', '庚', '辛', '壬', '癸'];
        let stem = STEMS.into_iter().nth(number % 10).unwrap_or('甲');
        let (road, room) = (number / 100, number % 100);
        Self {
            name: format!("测试某{stem}{number:04}"),
            id_number: id_number(number),
            telephone: format!("100{number:08}"),
            address: format!("虚构省样例市虚构路{road}号{room:02}室"),
            account: format!("TEST{number:08}"),
        }
    }
}

/// An identity number with the right form and check character, of the region 000000, which does
/// not exist. Birthdays are days 1 to 28 of the months from 1950 on.
fn id_number(number: usize) -> String {
    let (serial, birthday) = (number % SERIALS, number / SERIALS);
    let (day, months) = (birthday % DAYS + 1, birthday / DAYS);
    let (month, year) = (months % MONTHS + 1, 1950 + months / MONTHS % YEARS);
    let body = format!("000000{year:04}{month:02}{day:02}{serial:03}");
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = body.chars().filter_map(|digit| digit.to_digit(10));
    let sum: u32 = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let check = "10X98765432".chars().nth(usize::try_from(sum % 11).unwrap_or_default());
    format!("{body}{}", check.unwrap_or('0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn people_have_values_of_their_own() {
        let people: Vec<_> = (0..5_000).map(Person::new).collect();
        for value in [
            |person: &Person| person.name.clone(),
            |person: &Person| person.id_number.clone(),
            |person: &Person| person.telephone.clone(),
            |person: &Person| person.address.clone(),
        ] {
            assert_eq!(people.iter().map(value).collect::<BTreeSet<_>>().len(), 5_000);
        }
    }

    #[test]
    fn identity_numbers_have_the_form_and_no_region() {
        assert_eq!(id_number(0), "000000195001010001");
        for number in [1, 999, 30_000, 1_000_000] {
            let text = id_number(number);
            assert_eq!(text.len(), 18);
            assert!(text.starts_with("000000"));
        }
    }
}
