//! The sections of a policy's file, in order, and what is said of each field.

/// Fields that belong together.
pub(super) struct Section {
    /// Its short name, by which it is asked for.
    pub(super) name: &'static str,
    /// What stands above it.
    pub(super) title: &'static str,
    /// The same in the zone's language.
    pub(super) title_zh: &'static str,
    /// Its fields, each with what stands behind it.
    pub(super) fields: &'static [(&'static str, &'static str)],
}

pub(super) const SECTIONS: &[Section] = &[
    Section {
        name: "governance",
        title: "Governance: who decides",
        title_zh: "治理：表决法定数",
        fields: &[("governance_quorum", "at least so many of every so many active agencies")],
    },
    Section {
        name: "matching",
        title: "Matching: tolerances and terms",
        title_zh: "比对：容差与期限",
        fields: &[
            ("amount_tolerance", "CNY; M03: payment against order"),
            ("line_total_tolerance", "CNY a unit; M04: a line against quantity × price"),
            ("weight_tolerance_kg", "kg; M09: the list's gross weight against the waybill's"),
            ("freight_tolerance", "CNY; M10: the list's freight against the waybill's"),
            ("collect_days", "days; then a case that lacks documents is overdue"),
            ("order_report_hours", "hours; M15: from payment to the order's report"),
        ],
    },
    Section {
        name: "modes",
        title: "Modes of trade: what a case consists of, and who declares",
        title_zh: "监管方式：单证要求",
        fields: &[("modes", "")],
    },
    Section {
        name: "codes",
        title: "Code tables: codes that documents may state",
        title_zh: "参数代码表",
        fields: &[("code_tables", "")],
    },
    Section {
        name: "imports",
        title: "Imports at retail: limits, taxes, returns",
        title_zh: "零售进口：限值、税收、退货",
        fields: &[
            ("single_limit", "CNY; M12: one list, unless it is a single piece"),
            ("annual_limit", "CNY; M12: one orderer in a year"),
            ("tax_share", "of one; M14: share of the legal tax that is due"),
            ("tax_tolerance", "CNY; M14: the tax stated against the tax due"),
            ("tax_rates", "M14: rates as shares of one, by codes of the tariff"),
            ("return_days", "days; M19: from release to the application for a return"),
            ("return_back_days", "days; M19: from release until the goods are back"),
        ],
    },
    Section {
        name: "exports",
        title: "Exports: waybills and receipts of funds",
        title_zh: "出口：运单与收汇",
        fields: &[
            ("waybill_reuse_days", "days; then a carrier may use a number again"),
            ("receipt_tolerance", "the order's currency; X03: funds received against the value"),
            ("receipt_days", "days; flows: from the month of the list to its funds"),
        ],
    },
    Section {
        name: "rates",
        title: "Exchange rates: CNY for 100 units",
        title_zh: "折算率：每 100 外币折人民币",
        fields: &[("exchange_rates", "")],
    },
    Section {
        name: "licences",
        title: "Licences that who acts in a role must hold",
        title_zh: "许可要求",
        fields: &[("licences_required", "M16")],
    },
    Section {
        name: "cold_chain",
        title: "Cold chain of frozen lots",
        title_zh: "冻品冷链",
        fields: &[
            ("cold_max_tenths", "tenths of a degree Celsius; C02: the warmest"),
            ("cold_excursion_minutes", "minutes; C02: how long it may be warmer"),
            ("cold_gap_minutes", "minutes; C03: how long there may be no readings"),
        ],
    },
    Section {
        name: "disputes",
        title: "Disputes: terms",
        title_zh: "纠纷：答辩与申诉期限",
        fields: &[
            ("dispute_answer_days", "days; for the respondent's answer"),
            ("dispute_appeal_days", "days; for an appeal"),
        ],
    },
    Section {
        name: "originals",
        title: "Originals and pseudonyms",
        title_zh: "原始报文与假名",
        fields: &[
            ("retention_days", "days; a sender keeps originals for so long"),
            ("spot_check_seconds_min", "seconds; the shortest time to answer a spot check"),
            ("pseudonym_keys", "of every year; the highest number of a year is in use"),
        ],
    },
    Section {
        name: "risk",
        title: "Risk: features, rules, levels, inspections",
        title_zh: "风险：特征、规则、等级与查验",
        fields: &[("risk", "")],
    },
    Section {
        name: "credit",
        title: "Credit: indicators, grades, consequences",
        title_zh: "信用：指标、等级与管理措施",
        fields: &[("credit", "")],
    },
];

/// The section that has a field; fields of none stand at the end.
pub(super) fn of_field(field: &str) -> Option<&'static Section> {
    SECTIONS.iter().find(|section| section.fields.iter().any(|(name, _)| *name == field))
}

/// What stands behind a field.
pub(super) fn comment(field: &str) -> Option<&'static str> {
    let mut fields = SECTIONS.iter().flat_map(|section| section.fields);
    fields.find(|(name, _)| *name == field).map(|(_, said)| *said).filter(|said| !said.is_empty())
}
