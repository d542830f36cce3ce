//! Examples of acts on registers of goods.

pub(super) const FROZEN_LOT: &[(&str, &str)] = &[
    (
        "an importer opens a lot that was loaded",
        r#"{"open":{"batchNo":"TESTBATCH01","gname":"测试冻牛肉","gcode":"0202300090","country":"601","plantNo":"TESTPLANT1","containerNo":"TEST0000001","loaded":"20261101080000","netWeight":"20000","pieces":1000,"warmestTenths":-180,"keeper":"TESTCARRIER01","documents":{"health":{"number":"TESTHEALTH01","issued":"20261030","digest":"1111111111111111111111111111111111111111111111111111111111111111"},"permit":{"number":"TESTPERMIT01","validUntil":"20261231","digest":"1111111111111111111111111111111111111111111111111111111111111111"}}}}"#,
    ),
    ("or one that another of its own was split for", r#"{"part":{"of":"TESTLOT01"}}"#),
    (
        "it shows documents that were missing",
        r#"{"show":{"health":{"number":"TESTHEALTH01","issued":"20261030","digest":"1111111111111111111111111111111111111111111111111111111111111111"},"permit":null}}"#,
    ),
    (
        "who keeps it says how cold it was, in tenths of a degree; place: container or cold_store",
        r#"{"readings":{"place":"container","placeNo":"TEST0000001","from":"20261101080000","to":"20261110080000","count":1296,"minimumTenths":-215,"maximumTenths":-121,"series":"1111111111111111111111111111111111111111111111111111111111111111","excursions":[{"from":"20261103080000","to":"20261103084500","peakTenths":-121}]}}"#,
    ),
    ("it is handed to another keeper", r#"{"move":{"keeper":"TESTWAREHOUSE01"}}"#),
    (
        "its keeper receives it in the country",
        r#"{"arrive":{"time":"20261120080000","weight":"19998.5","pieces":1000}}"#,
    ),
    (
        "its keeper weighs what is left",
        r#"{"weigh":{"weight":"19998","report":"1111111111111111111111111111111111111111111111111111111111111111"}}"#,
    ),
    (
        "an agency looked at it",
        r#"{"inspect":{"passed":true,"report":"1111111111111111111111111111111111111111111111111111111111111111"}}"#,
    ),
    (
        "customs decides: release, hold or destroy",
        r#"{"decide":{"decision":"release","document":"1111111111111111111111111111111111111111111111111111111111111111"}}"#,
    ),
    ("its importer splits it", r#"{"split":{"number":"TESTLOT02","weight":"5000","pieces":250}}"#),
    (
        "its importer sells a part",
        r#"{"sell":{"buyer":"1111111111111111111111111111111111111111111111111111111111111111","weight":"1000"}}"#,
    ),
];

pub(super) const OVERSEAS_STOCK: &[(&str, &str)] = &[
    (
        "a merchant opens the stock of a warehouse for a year; continues: an earlier entry, or null",
        r#"{"open":{"warehouseNo":"TESTWH01","warehouseName":"测试海外仓","country":"502","year":2026,"continues":null}}"#,
    ),
    (
        "goods of an export under 9810 went there",
        r#"{"ship":{"case":{"direction":"export","platform":"TESTPLATFORM01","orderNo":"TEST0001"},"lines":[{"gnum":1,"itemNo":"SKU001","unit":"011","qty":"3"}]}}"#,
    ),
    (
        "goods were sold",
        r#"{"sell":{"date":"20261127","currency":"502","lines":[{"itemNo":"SKU001","qty":"2","amount":"50"}],"orders":"1111111111111111111111111111111111111111111111111111111111111111"}}"#,
    ),
    (
        "buyers brought goods back",
        r#"{"take_back":{"date":"20261128","currency":"502","lines":[{"itemNo":"SKU001","qty":"1","amount":"25"}],"orders":"1111111111111111111111111111111111111111111111111111111111111111"}}"#,
    ),
    (
        "goods went back to China under a return",
        r#"{"send_back":{"case":{"direction":"export","platform":"TESTPLATFORM01","orderNo":"TEST0001"},"lines":[{"gnum":1,"itemNo":"SKU001","unit":"011","qty":"1"}]}}"#,
    ),
    (
        "goods were scrapped",
        r#"{"scrap":{"lines":[{"itemNo":"SKU001","qty":"1"}],"evidence":"1111111111111111111111111111111111111111111111111111111111111111"}}"#,
    ),
    (
        "goods were counted",
        r#"{"count":{"lines":[{"itemNo":"SKU001","qty":"0"}],"report":"1111111111111111111111111111111111111111111111111111111111111111"}}"#,
    ),
    ("the period is over", r#""close""#),
];

pub(super) const STOCKTAKE: &[(&str, &str)] = &[(
    "a bonded warehouse, or customs, says what is there of an account book's goods",
    r#"{"count":{"areaCode":"TESTWAREHOUSE01","emsNo":"TESTBOOK01","counted":"20261127180000","lines":[{"itemRecordNo":"1","unit":"011","qty":"2"}],"report":"1111111111111111111111111111111111111111111111111111111111111111"}}"#,
)];
