//! What the pseudonym service is asked, and what it answers.

use kanhe_types::codec::{Decode, Encode};
use kanhe_types::pseudonym::PseudonymScope;
use serde::{Deserialize, Serialize};

/// Values of one request, at most.
pub const EVALUATIONS_MAX: usize = kanhe_types::limits::EVALUATIONS_MAX;
/// Bytes of one encoded request.
pub const REQUEST_BYTES_MAX: usize = EVALUATIONS_MAX * 32 + 64;

/// The body of `POST /v1/pseudonyms`, in canonical bytes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct EvaluationRequest {
    /// Under which key.
    pub scope: PseudonymScope,
    /// The blinded values (RFC 9497, `blindedElement`), 1 to [`EVALUATIONS_MAX`].
    pub elements: Vec<[u8; 32]>,
}

/// The answer of `POST /v1/pseudonyms`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvaluationAnswer {
    /// The evaluated elements (`evaluatedElement`) one after the other, in the order of the
    /// request, 64 hex digits each.
    pub elements: String,
    /// The proof over all of them (`Proof`), 128 hex digits.
    pub proof: String,
}

impl EvaluationAnswer {
    /// An answer of these elements and this proof.
    pub fn new(elements: &[[u8; 32]], proof: &[u8; 64]) -> Self {
        Self { elements: hex::encode(elements.concat()), proof: hex::encode(proof) }
    }

    /// Elements and proof; none where the texts do not have their form.
    pub fn read(&self) -> Option<(Vec<[u8; 32]>, [u8; 64])> {
        let mut proof = [0; 64];
        hex::decode_to_slice(&self.proof, &mut proof).ok()?;
        if EVALUATIONS_MAX * 64 < self.elements.len() {
            return None;
        }
        let bytes = hex::decode(&self.elements).ok()?;
        let (elements, rest) = bytes.as_chunks::<32>();
        rest.is_empty().then(|| (elements.to_vec(), proof))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanhe_types::codec;

    #[test]
    fn an_answer_comes_back_from_its_texts_and_other_texts_are_none() {
        let (elements, proof) = (vec![[1; 32], [2; 32]], [3; 64]);
        let answer = EvaluationAnswer::new(&elements, &proof);
        assert_eq!(answer.read(), Some((elements, proof)));
        for (elements, proof) in [("0", "00"), ("00", &answer.proof), ("x", &answer.proof)] {
            let bad = EvaluationAnswer { elements: elements.into(), proof: proof.into() };
            assert_eq!(bad.read(), None);
        }
    }

    #[test]
    fn the_largest_request_fits_its_bound() {
        let scope = PseudonymScope { key_id: u32::MAX, epoch: u16::MAX };
        let request = EvaluationRequest { scope, elements: vec![[0xFF; 32]; EVALUATIONS_MAX] };
        assert!(codec::encode(&request).len() <= REQUEST_BYTES_MAX);
    }
}
