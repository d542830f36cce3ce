//! Registers of money: receivables with pledges, insurance covers, tax-exempt exports, a fund and
//! what is claimed of it.

use super::super::MERCHANTS;
use super::super::cast::{BANK, COMMERCE, CUSTOMS, INSURER, Member, TAX};
use super::super::draft::{DAY_MS, later};
use super::super::export::Export;
use super::super::import::Import;
use super::said::day;
use super::{Entries, Rng, Story, another, code, digest, hundredths, of_export, of_import, whole};
use kanhe_contracts::document::{
    Body, CoverAct, CoverFacts, Deduction, DeductionKind, DepositFacts, ExemptLine, ExemptionFacts,
    ExemptionRefusal, FundAct, FundFacts, FundRef, FundTrade, LossClaim, NettingFacts,
    NettingStatementAct, PledgeFacts, ReceivableAct, ReceivableFacts, Risk, SubsidyBasis,
    SubsidyClaimAct, TaxDepositAct, TaxExemptionAct,
};
use kanhe_contracts::policy::{Direction, USD};
use kanhe_contracts::register::Register;
use kanhe_contracts::statistics::Month;
use kanhe_types::time::Millis;

/// What the fund gives for a list, and to one enterprise at most, in whole CNY.
const EACH: u64 = 1_000;
/// What of it the fund's agency approves first.
const APPROVED: u64 = 800;
/// The fund's budget: enough for one enterprise and a part of another's.
const BUDGET: u64 = 1_500;

fn pledge(reference: &str, cents: u64, until: Millis) -> ReceivableAct {
    ReceivableAct::Pledge(PledgeFacts {
        reference: reference.to_owned(),
        bank: code(&BANK),
        amount: hundredths(cents),
        until,
    })
}

fn registered(trade: &Export) -> ReceivableAct {
    let (currency, cases) = (USD.to_owned(), vec![of_export(trade)]);
    ReceivableAct::Register(ReceivableFacts { currency, cases })
}

impl Entries {
    /// A deposit for tax, of which a part is paid back and the rest called in every second set.
    /// No trade takes from it: the world's policy assesses nobody.
    pub(super) fn deposit(&mut self, set: usize, name: &str, from: Millis, rng: &mut Rng) {
        let at = |days: u64| later(from, days.saturating_mul(24));
        let merchant = MERCHANTS.get(set.checked_rem(MERCHANTS.len()).unwrap_or_default());
        let Some(merchant) = merchant else { return };
        let receive = |rng: &mut Rng| {
            let (merchant, amount, receipt) = (code(merchant), whole(5_000), digest(rng));
            TaxDepositAct::Receive(DepositFacts { merchant, amount, receipt })
        };
        let pay_back = |amount: u64, rng: &mut Rng| TaxDepositAct::PayBack {
            amount: whole(amount),
            payment: digest(rng),
        };
        let mut story = Story::new(Register::TaxDeposit, &CUSTOMS, name.to_owned());
        let add = TaxDepositAct::Add { amount: whole(2_500), receipt: digest(rng) };
        let all = TaxDepositAct::Call { amount: whole(6_500), decision: digest(rng) };
        let is_called = set.is_multiple_of(2);
        let mut acts = vec![
            (&CUSTOMS, 1, receive(rng), None),
            (merchant, 2, pay_back(1, rng), Some(903)),
            (&CUSTOMS, 3, add, None),
            (&CUSTOMS, 4, pay_back(7_501, rng), Some(907)),
            (&CUSTOMS, 5, pay_back(1_000, rng), None),
        ];
        if is_called {
            acts.push((&CUSTOMS, 6, all, None));
        }
        for (who, days, act, refused) in acts {
            let body = Body::TaxDeposit(story.on(act));
            story.does(who, at(days), body, refused, rng);
        }
        self.end(story, if is_called { "spent" } else { "held" });
        let mut story = Story::new(Register::TaxDeposit, merchant, name.to_owned());
        let body = Body::TaxDeposit(story.on(receive(rng)));
        story.refused(merchant, at(1), body, 903, rng);
        self.end_unopened(story);
    }

    /// What a bank kept back of an exporter's receipts: confirmed by the exporter, or in every
    /// second set contested and withdrawn.
    pub(super) fn netting(&mut self, set: usize, trade: &Export, rng: &mut Rng) {
        let (exporter, days) = (trade.merchant, |days: u64| trade.days_on(days));
        let month = Month::of(days(2));
        let all = trade.goods_cents();
        let kept = all / 10;
        let state = |month: Month, rng: &mut Rng| {
            NettingStatementAct::State(NettingFacts {
                merchant: code(exporter),
                month,
                mode: trade.mode.to_owned(),
                currency: USD.to_owned(),
                credited: hundredths(all.saturating_sub(kept)),
                deductions: vec![Deduction {
                    kind: DeductionKind::Commission,
                    amount: hundredths(kept.max(1)),
                }],
                report: digest(rng),
            })
        };
        let number = format!("KN{}", trade.number);
        let mut story = Story::new(Register::NettingStatement, &BANK, number.clone());
        let mut acts = vec![
            (&BANK, 5, state(month, rng), None),
            (&BANK, 6, NettingStatementAct::Confirm, Some(903)),
            (exporter, 7, NettingStatementAct::Confirm, None),
        ];
        let is_contested = set % 2 == 1;
        if is_contested {
            let evidence = digest(rng);
            acts.push((exporter, 8, NettingStatementAct::Contest { evidence }, None));
            acts.push((&BANK, 10, NettingStatementAct::Withdraw, None));
            acts.push((exporter, 12, NettingStatementAct::Confirm, Some(904)));
        }
        for (who, at, act, refused) in acts {
            let body = Body::NettingStatement(story.on(act));
            story.does(who, days(at), body, refused, rng);
        }
        self.end(story, if is_contested { "withdrawn" } else { "confirmed" });
        // Somebody states something for a month that is not there yet.
        let mut story = Story::new(Register::NettingStatement, &BANK, format!("{number}B"));
        let ahead = state(Month::of(days(100)), rng);
        let body = Body::NettingStatement(story.on(ahead));
        story.refused(&BANK, days(5), body, 908, rng);
        self.end_unopened(story);
    }

    /// A receivable that is pledged, released and closed; the same export is in no other one.
    pub(super) fn receivable(&mut self, trade: &Export, rng: &mut Rng) {
        let (owner, number) = (trade.merchant, format!("KR{}", trade.number));
        let (all, days) = (trade.goods_cents(), |days: u64| trade.days_on(days));
        let mut story = Story::new(Register::Receivable, owner, number.clone());
        let reference = || "P1".to_owned();
        let half = all / 2;
        // More than is left after the first pledge.
        let more = all.saturating_sub(half).saturating_add(1);
        let amount = hundredths(half);
        for (who, at, act, refused) in [
            (owner, days(6), registered(trade), None),
            (owner, days(7), pledge("P1", half, days(30)), None),
            (owner, days(9), ReceivableAct::Confirm { reference: reference() }, Some(903)),
            (&BANK, days(10), ReceivableAct::Confirm { reference: reference() }, None),
            (owner, days(11), pledge("P2", more, days(30)), Some(907)),
            (owner, days(12), ReceivableAct::Close, Some(904)),
            (&BANK, days(20), ReceivableAct::Release { reference: reference(), amount }, None),
            (owner, days(22), ReceivableAct::Close, None),
        ] {
            let body = Body::Receivable(story.on(act));
            story.does(who, at, body, refused, rng);
        }
        self.end(story, "closed");
        let mut story = Story::new(Register::Receivable, owner, format!("{number}B"));
        let body = Body::Receivable(story.on(registered(trade)));
        story.refused(owner, days(8), body, 906, rng);
        self.end_unopened(story);
    }

    /// A receivable of which the bank wants no part.
    pub(super) fn receivable_refused(&mut self, trade: &Export, rng: &mut Rng) {
        let (owner, days) = (trade.merchant, |days: u64| trade.days_on(days));
        let mut story = Story::new(Register::Receivable, owner, format!("KR{}", trade.number));
        let all = trade.goods_cents();
        let (refused, withdrawn) = ("P1".to_owned(), "P2".to_owned());
        for (who, at, act) in [
            (owner, days(6), registered(trade)),
            (owner, days(7), pledge("P1", all, days(30))),
            (&BANK, days(9), ReceivableAct::Refuse { reference: refused }),
            (owner, days(11), pledge("P2", all, days(30))),
            (owner, days(12), ReceivableAct::Withdraw { reference: withdrawn }),
        ] {
            let body = Body::Receivable(story.on(act));
            story.act(who, at, body, rng);
        }
        self.end(story, "refused withdrawn");
    }

    /// A cover that is claimed on, paid and ended; nobody insures a trade whose documents differ.
    pub(super) fn cover(&mut self, trade: &Import, differs: Option<&Import>, rng: &mut Rng) {
        let at = |days: u64| later(trade.paid, days.saturating_mul(24));
        let cover = |of: &Import| {
            CoverAct::Cover(CoverFacts {
                insured: code(of.merchant),
                case: of_import(of),
                risk: Risk::Transport,
                policy_no: format!("TEST{}", of.number),
                amount: whole(100),
                currency: "142".to_owned(),
                from: at(1),
                until: at(20),
                claim_until: at(30),
            })
        };
        let claim = |reference: &str, amount: u64| {
            CoverAct::Claim(LossClaim {
                reference: reference.to_owned(),
                amount: whole(amount),
                lost: at(4),
                evidence: Vec::new(),
            })
        };
        let (reference, insured) = (|| "L1".to_owned(), trade.merchant);
        let settle = |accepted: u64, rng: &mut Rng| CoverAct::Settle {
            reference: "L1".to_owned(),
            accepted: Some(whole(accepted)),
            decision: digest(rng),
        };
        let mut story = Story::new(Register::Cover, &INSURER, format!("KV{}", trade.number));
        for (who, days, act, refused) in [
            (&INSURER, 5, cover(trade), None),
            (insured, 9, claim("L0", 101), Some(907)),
            (insured, 10, claim("L1", 50), None),
            (&INSURER, 12, settle(51, rng), Some(907)),
            (&INSURER, 13, settle(40, rng), None),
            (&INSURER, 15, CoverAct::Paid { reference: reference(), payment: digest(rng) }, None),
            (&INSURER, 16, CoverAct::End, Some(904)),
            (insured, 31, claim("L2", 10), Some(904)),
            (&INSURER, 32, CoverAct::End, None),
        ] {
            let body = Body::Cover(story.on(act));
            story.does(who, at(days), body, refused, rng);
        }
        self.end(story, "ended");
        if let Some(differs) = differs {
            let mut story = Story::new(Register::Cover, &INSURER, format!("KV{}", differs.number));
            let body = Body::Cover(story.on(cover(differs)));
            story.refused(&INSURER, at(12), body, 905, rng);
            self.end_unopened(story);
        }
    }

    /// A registration of a tax-exempt export that tax decides on, and one that is not what the
    /// list says.
    pub(super) fn exemption(&mut self, trade: &Export, word: TaxWord, rng: &mut Rng) {
        let (owner, days) = (trade.merchant, |days: u64| trade.days_on(days));
        let Some(line) = trade.lines.first() else { return };
        let register = |price_cents: u64| {
            let line = ExemptLine {
                gnum: 1,
                gname: line.name.clone(),
                unit: line.sku.unit.to_owned(),
                qty: whole(line.qty),
                price: hundredths(price_cents),
                total_price: hundredths(price_cents.saturating_mul(line.qty)),
            };
            TaxExemptionAct::Register(ExemptionFacts {
                case: of_export(trade),
                export_date: day(later(trade.begins, 12)),
                currency: USD.to_owned(),
                lines: vec![line],
            })
        };
        let number = format!("KT{}", trade.number);
        let mut story = Story::new(Register::TaxExemption, owner, format!("{number}B"));
        let body = Body::TaxExemption(story.on(register(line.price_cents.saturating_add(1))));
        story.refused(owner, days(5), body, 910, rng);
        self.end_unopened(story);
        let (reason, decision) = (ExemptionRefusal::Goods, digest(rng));
        let refuse = TaxExemptionAct::Refuse { reason, decision };
        let (decided, state) = match word {
            TaxWord::Confirmed => (TaxExemptionAct::Confirm, "confirmed"),
            TaxWord::Refused => (refuse.clone(), "refused"),
        };
        let mut story = Story::new(Register::TaxExemption, owner, number);
        for (who, at, act, refused) in [
            (owner, days(6), register(line.price_cents), None),
            (&CUSTOMS, days(8), TaxExemptionAct::Confirm, Some(903)),
            (&TAX, days(9), decided, None),
            (&TAX, days(10), refuse, Some(904)),
        ] {
            let body = Body::TaxExemption(story.on(act));
            story.does(who, at, body, refused, rng);
        }
        self.end(story, state);
    }

    /// A fund for lists of retail exports of one month, two enterprises that claim of it, and one
    /// that comes too late.
    pub(super) fn fund(
        &mut self,
        number: &str,
        (first, second): (&Export, &Export),
        rng: &mut Rng,
    ) {
        let month = Month::of(later(first.begins, 12));
        let at = |days: u64| days_after(month, days);
        let trades = vec![FundTrade { direction: Direction::Export, mode: "9610".to_owned() }];
        let facts = FundFacts {
            name: "测试专项资金".to_owned(),
            from: month,
            to: month,
            trades,
            basis: SubsidyBasis::Lists { each: whole(EACH) },
            enterprise_max: whole(EACH),
            budget: whole(BUDGET),
        };
        let mut fund = Story::new(Register::Fund, &COMMERCE, number.to_owned());
        let body = Body::Fund(fund.on(FundAct::Open(facts.clone())));
        fund.act(&COMMERCE, at(1), body, rng);
        let mut stranger = Story::new(Register::Fund, &CUSTOMS, number.to_owned());
        let body = Body::Fund(stranger.on(FundAct::Open(facts)));
        stranger.refused(&CUSTOMS, at(1), body, 903, rng);
        self.end_unopened(stranger);
        let body = Body::Fund(fund.on(FundAct::Close));
        fund.act(&COMMERCE, at(9), body, rng);
        self.end(fund, "closed");
        self.claims(number, month, (first, second), rng);
    }

    /// Two enterprises claim of the fund; one of them does so twice, and another too late. Days
    /// count from the end of the month.
    fn claims(
        &mut self,
        number: &str,
        month: Month,
        (first, second): (&Export, &Export),
        rng: &mut Rng,
    ) {
        let at = |days: u64| days_after(month, days);
        let fund_ref = || FundRef { owner: code(&COMMERCE), number: number.to_owned() };
        let claim = || SubsidyClaimAct::Claim { fund: fund_ref(), month };
        let approve = |amount: u64, rng: &mut Rng| SubsidyClaimAct::Approve {
            amount: whole(amount),
            decision: digest(rng),
        };
        let rest = BUDGET - APPROVED;
        let acts: [Claimed; 2] = [
            (
                first.merchant,
                vec![
                    (first.merchant, 3, claim(), None),
                    (&COMMERCE, 4, approve(EACH + 1, rng), Some(907)),
                    (&COMMERCE, 5, approve(APPROVED, rng), None),
                    (&COMMERCE, 8, SubsidyClaimAct::Paid { payment: digest(rng) }, None),
                ],
                "paid",
            ),
            (
                second.merchant,
                vec![
                    (second.merchant, 3, claim(), None),
                    (&COMMERCE, 6, approve(rest + 1, rng), Some(907)),
                    (&COMMERCE, 7, approve(rest, rng), None),
                ],
                "approved",
            ),
        ];
        for (owner, acts, state) in acts {
            let mut story = Story::new(Register::SubsidyClaim, owner, format!("{number}A"));
            for (who, days, act, refused) in acts {
                let body = Body::SubsidyClaim(story.on(act));
                story.does(who, at(days), body, refused, rng);
            }
            self.end(story, state);
        }
        // A month is claimed for once, and only while the fund is open.
        let late = another(first.merchant);
        for (owner, days, rejection) in [(first.merchant, 6, 906), (late, 11, 904)] {
            let mut story = Story::new(Register::SubsidyClaim, owner, format!("{number}B"));
            let body = Body::SubsidyClaim(story.on(claim()));
            story.refused(owner, at(days), body, rejection, rng);
            self.end_unopened(story);
        }
    }
}

fn days_after(month: Month, days: u64) -> Millis {
    Millis(month.end().0.saturating_add(days.saturating_mul(DAY_MS)))
}

/// What an enterprise claims: who, what is done when and how it is refused, and where it ends.
type Claimed =
    (&'static Member, Vec<(&'static Member, u64, SubsidyClaimAct, Option<u16>)>, &'static str);

/// What tax says of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TaxWord {
    Confirmed,
    Refused,
}
