//! Originals go to their sender's vault before the documents that commit to them are sent.

use super::{Sender, order_no};
use crate::answer::CliError;
use crate::clock;
use kanhe_contracts::document::{Body, Document};
use kanhe_gateway::read::Original;
use kanhe_node::keystore;
use kanhe_privacy::vault::{self, About, Held};
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::{Domain, Hash};
use kanhe_types::receipt::CaseKey;
use kanhe_types::submission::document_id;
use zeroize::Zeroizing;

/// A document that was read, and what it was made of.
pub(super) struct Made {
    pub(super) document: Document,
    pub(super) original: Option<Original>,
    /// Which originals are one message.
    pub(super) message: Option<[u8; 16]>,
}

/// A number for a message that stays whole.
pub(super) fn message_of(originals: &[Original]) -> Result<Option<[u8; 16]>, CliError> {
    let is_whole = originals.iter().any(|original| original.has_others);
    Ok(if is_whole { Some(keystore::random()?) } else { None })
}

impl Sender<'_> {
    /// The document with its commitment, after its original was put into the signer's vault. The
    /// same document again finds the original, and gets the same commitment.
    pub(super) fn bind(
        &mut self,
        signer: &OrganisationCode,
        made: Made,
    ) -> Result<Document, CliError> {
        let Made { mut document, original, message } = made;
        let Some(original) = original.filter(|_| self.has_vault) else { return Ok(document) };
        let member = self.speakers.member(signer)?;
        let genesis = *member.client.genesis();
        let code = signer.as_str().as_bytes();
        let name = [genesis.as_bytes().as_slice(), code, &document.encode()];
        let name = Hash::of(Domain::VaultName, &name);
        let own = &member.vault()?.vault;
        match own.find(&name)? {
            Some(Held::Original(about)) => document.original = Some(about.commitment),
            Some(Held::Erased(erased)) => document.original = Some(erased.commitment),
            None => {
                let salt = vault::new_salt()?;
                let commitment = vault::commitment(&salt, &original.bytes);
                document.original = Some(commitment);
                let about = About {
                    document: document_id(&genesis, signer, &document.encode()),
                    kind: document.kind().name().into(),
                    case: case_of(&document),
                    order_no: order_no(&document).map(str::to_owned),
                    commitment,
                    message,
                    stored: clock::now(),
                };
                let bytes = Zeroizing::new(original.bytes);
                own.put(&name, &vault::Original { about, salt, bytes })?;
                self.unsynced.insert(signer.clone());
            }
        }
        Ok(document)
    }
}

/// The case that a document names; a waybill names none, and an allocation several.
fn case_of(document: &Document) -> Option<CaseKey> {
    let (platform, order_no) = match &document.body {
        Body::Order(order) => (&order.ebp_code, &order.order_no),
        Body::Payment(payment) => (&payment.ebp_code, &payment.order_no),
        Body::InventoryList(list) => (&list.ebp_code, &list.order_no),
        Body::ExportOrder(order) => (&order.ebp_code, &order.order_no),
        Body::FundsReceipt(receipt) => (&receipt.ebp_code, &receipt.order_no),
        Body::ExportList(list) => (&list.ebp_code, &list.order_no),
        Body::ListCancellation(own) => (&own.ebp_code, &own.order_no),
        Body::ListReturn(own) => (&own.ebp_code, &own.order_no),
        Body::ListStatus(own) => (&own.ebp_code, &own.order_no),
        Body::PaymentRefund(own) => (&own.ebp_code, &own.order_no),
        _ => return None,
    };
    Some(CaseKey { platform: platform.clone(), order_no: order_no.clone() })
}
