//! A secret function that an agency evaluates on values it does not see.
//!
//! The verifiable oblivious pseudorandom function of RFC 9497 (mode VOPRF, suite
//! `ristretto255-SHA512`). The asker blinds its values, the agency multiplies them by its key and
//! proves with one proof for all of them that it used the key of its public key, the asker
//! unblinds. The agency learns how many values there were, the asker the function at these values.

use crate::random::SystemRandom;
use kanhe_types::limits::EVALUATIONS_MAX;
use kanhe_types::pseudonym::{FUNCTION_OUTPUT_BYTES, FunctionKey, PseudonymScope};
use std::fmt;
use voprf::{
    BlindedElement, EvaluationElement, Group, Proof, Ristretto255, VoprfClient, VoprfServer,
};
use zeroize::Zeroizing;

/// Bytes of a proof.
pub const PROOF_BYTES: usize = 64;
/// Bytes of a value, at most.
pub const INPUT_BYTES_MAX: usize = 4_096;

/// A group element as it travels.
pub type Element = [u8; 32];
/// The function's value.
pub type Output = [u8; FUNCTION_OUTPUT_BYTES];

/// The key of the function for one scope. Wiped from memory when dropped; never printed.
pub struct EvaluationKey {
    server: VoprfServer<Ristretto255>,
    public_key: FunctionKey,
}

/// What the holder of a key answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluated {
    /// One element for each that was asked, in their order.
    pub elements: Vec<Element>,
    /// That all of them were made with one key.
    pub proof: [u8; PROOF_BYTES],
}

/// Values that were blinded, and what unblinds them.
pub struct Blinded {
    inputs: Vec<Zeroizing<Vec<u8>>>,
    clients: Vec<VoprfClient<Ristretto255>>,
    elements: Vec<Element>,
}

/// An evaluation cannot be asked for, made or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OprfError {
    /// There are no values, or too many, or other numbers of them than expected.
    #[error("expected {expected} elements, found {found}")]
    Count {
        /// How many may be.
        expected: usize,
        /// How many are.
        found: usize,
    },
    /// A value is empty or too long.
    #[error("value {index} is empty or has more than {INPUT_BYTES_MAX} bytes")]
    Input {
        /// Its index, from 0.
        index: usize,
    },
    /// Bytes are no element of the group, or the neutral one.
    #[error(
        "element {index} is not the encoding of an element of ristretto255 but the neutral one"
    )]
    Element {
        /// Its index, from 0.
        index: usize,
    },
    /// The public key is no element of the group.
    #[error("the public key is not an element of ristretto255")]
    PublicKey,
    /// The answer was not made with the key of the public key.
    #[error("the answer was not made with the key of public key {expected}")]
    Proof {
        /// That public key.
        expected: FunctionKey,
    },
    /// The system has no randomness to give.
    #[error("the system gives no randomness")]
    Randomness,
}

impl EvaluationKey {
    /// The key that `seed` determines for a scope (RFC 9497, section 3.2.1, `DeriveKeyPair`): one
    /// seed serves every year of its number.
    ///
    /// # Panics
    /// With a probability of 2^-256 for each of 256 attempts, which is never.
    pub fn derive(seed: &[u8; 32], scope: PseudonymScope) -> Self {
        let info = [
            b"kanhe/1/pseudonym-key".as_slice(),
            &scope.key_id.to_le_bytes(),
            &scope.epoch.to_le_bytes(),
        ]
        .concat();
        let server = VoprfServer::new_from_seed(seed, &info).expect("no seed gives the zero key");
        Self::of(server)
    }

    fn of(server: VoprfServer<Ristretto255>) -> Self {
        let public_key = FunctionKey(Ristretto255::serialize_elem(server.get_public_key()).into());
        Self { server, public_key }
    }

    /// What answers are checked against.
    pub fn public_key(&self) -> FunctionKey {
        self.public_key
    }

    /// Evaluates the function on blinded values.
    ///
    /// # Errors
    /// When there are none or too many, one is no element, or the system gives no randomness.
    pub fn evaluate(&self, elements: &[Element]) -> Result<Evaluated, OprfError> {
        check_count(elements.len())?;
        let blinded: Vec<BlindedElement<Ristretto255>> = (0..)
            .zip(elements)
            .map(|(index, bytes)| {
                BlindedElement::deserialize(bytes).map_err(|_| OprfError::Element { index })
            })
            .collect::<Result<_, _>>()?;
        let mut random = SystemRandom::new().map_err(|_| OprfError::Randomness)?;
        let prepared: Vec<_> = self.server.batch_blind_evaluate_prepare(blinded.iter()).collect();
        let finished = self
            .server
            .batch_blind_evaluate_finish(&mut random, blinded.iter(), &prepared)
            .expect("both lists have the same length, which is bounded");
        let proof = finished.proof.serialize();
        let elements = finished.messages.map(|message| message.serialize().into()).collect();
        Ok(Evaluated { elements, proof: array(&proof) })
    }

    /// The function at `input`, without blinding: for whoever holds both.
    ///
    /// # Errors
    /// When the value is empty or too long.
    pub fn output(&self, input: &[u8]) -> Result<Output, OprfError> {
        check_input(0, input)?;
        let output = self.server.evaluate(input).map_err(|_| OprfError::Input { index: 0 })?;
        Ok(array(&output))
    }
}

impl fmt::Debug for EvaluationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EvaluationKey")
            .field("public_key", &self.public_key)
            .finish_non_exhaustive()
    }
}

impl Blinded {
    /// Blinds values.
    ///
    /// # Errors
    /// When there are none or too many, one is empty or too long, or the system gives no
    /// randomness.
    pub fn new(inputs: Vec<Vec<u8>>) -> Result<Self, OprfError> {
        check_count(inputs.len())?;
        let mut random = SystemRandom::new().map_err(|_| OprfError::Randomness)?;
        let inputs: Vec<_> = inputs.into_iter().map(Zeroizing::new).collect();
        let (mut clients, mut elements) = (Vec::new(), Vec::new());
        for (index, input) in inputs.iter().enumerate() {
            check_input(index, input)?;
            let blinded =
                VoprfClient::blind(input, &mut random).map_err(|_| OprfError::Input { index })?;
            clients.push(blinded.state);
            elements.push(blinded.message.serialize().into());
        }
        Ok(Self { inputs, clients, elements })
    }

    /// What is sent: it tells nothing of the values but their number.
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// The function at each value, in their order.
    ///
    /// # Errors
    /// When the answer has another number of elements, one is malformed, or the proof does not
    /// show the key of `public_key`.
    pub fn finish(
        &self,
        public_key: FunctionKey,
        evaluated: &Evaluated,
    ) -> Result<Vec<Output>, OprfError> {
        let (expected, found) = (self.clients.len(), evaluated.elements.len());
        if found != expected {
            return Err(OprfError::Count { expected, found });
        }
        let key =
            Ristretto255::deserialize_elem(&public_key.0).map_err(|_| OprfError::PublicKey)?;
        let messages: Vec<EvaluationElement<Ristretto255>> = (0..)
            .zip(&evaluated.elements)
            .map(|(index, bytes)| {
                EvaluationElement::deserialize(bytes).map_err(|_| OprfError::Element { index })
            })
            .collect::<Result<_, _>>()?;
        let wrong = |_| OprfError::Proof { expected: public_key };
        let proof = Proof::deserialize(&evaluated.proof).map_err(wrong)?;
        let inputs: Vec<&[u8]> = self.inputs.iter().map(|input| input.as_slice()).collect();
        let outputs = VoprfClient::batch_finalize(&inputs, &self.clients, &messages, &proof, key)
            .map_err(wrong)?;
        outputs.map(|output| output.map(|output| array(&output)).map_err(wrong)).collect()
    }
}

impl fmt::Debug for Blinded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blinded").field("count", &self.inputs.len()).finish_non_exhaustive()
    }
}

/// Whether bytes are a public key that answers can be checked against.
pub fn is_public_key(key: FunctionKey) -> bool {
    Ristretto255::deserialize_elem(&key.0).is_ok()
}

/// Checks that so many values may be asked for at once.
///
/// # Errors
/// When there are none, or too many.
pub fn check_count(found: usize) -> Result<(), OprfError> {
    if (1..=EVALUATIONS_MAX).contains(&found) {
        return Ok(());
    }
    Err(OprfError::Count { expected: found.clamp(1, EVALUATIONS_MAX), found })
}

fn check_input(index: usize, input: &[u8]) -> Result<(), OprfError> {
    match input.len() {
        1..=INPUT_BYTES_MAX => Ok(()),
        _ => Err(OprfError::Input { index }),
    }
}

fn array<const LENGTH: usize>(bytes: &[u8]) -> [u8; LENGTH] {
    bytes.try_into().expect("the suite's lengths are those of the arrays")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    const SCOPE: PseudonymScope = PseudonymScope { key_id: 1, epoch: 2026 };

    fn key() -> EvaluationKey {
        EvaluationKey::derive(&[7; 32], SCOPE)
    }

    fn asked(inputs: &[&str]) -> Blinded {
        Blinded::new(inputs.iter().map(|input| input.as_bytes().to_vec()).collect()).unwrap()
    }

    /// RFC 9497, appendix A.1.2.
    #[test]
    fn the_suite_is_the_one_of_the_standard() {
        let seed = [0xA3; 32];
        let key = EvaluationKey::of(VoprfServer::new_from_seed(&seed, b"test key").unwrap());
        let public = "c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e";
        assert_eq!(key.public_key().to_string(), public);
        let output = "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7d\
                      a4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c";
        assert_eq!(hex::encode(key.output(&[0]).unwrap()), output);
        let blinded = Blinded::new(vec![vec![0]]).unwrap();
        let evaluated = key.evaluate(blinded.elements()).unwrap();
        let outputs = blinded.finish(key.public_key(), &evaluated).unwrap();
        assert_eq!(hex::encode(outputs[0]), output);
    }

    #[test]
    fn equal_values_are_asked_for_with_different_elements_and_have_equal_outputs() {
        let (key, blinded) = (key(), asked(&["x", "x", "y"]));
        let elements = blinded.elements();
        assert!(elements[0] != elements[1] && elements[1] != elements[2]);
        let evaluated = key.evaluate(elements).unwrap();
        let outputs = blinded.finish(key.public_key(), &evaluated).unwrap();
        assert!(outputs[0] == outputs[1] && outputs[1] != outputs[2]);
        assert_eq!(outputs[2], key.output(b"y").unwrap());
    }

    #[test]
    fn scopes_have_keys_of_their_own() {
        let next = PseudonymScope { epoch: 2027, ..SCOPE };
        let other = PseudonymScope { key_id: 2, ..SCOPE };
        let keys = [SCOPE, next, other].map(|scope| EvaluationKey::derive(&[7; 32], scope));
        let [one, two, three] = keys.map(|key| key.public_key());
        assert!(one != two && two != three && one != three);
        assert!(is_public_key(one) && !is_public_key(FunctionKey([0; 32])));
        assert!(!is_public_key(FunctionKey([0xFF; 32])));
    }

    #[test]
    fn an_answer_with_another_key_or_another_element_is_noticed() {
        let (key, blinded) = (key(), asked(&["x", "y"]));
        let other = EvaluationKey::derive(&[8; 32], SCOPE);
        let wrong = Err(OprfError::Proof { expected: key.public_key() });
        let evaluated = other.evaluate(blinded.elements()).unwrap();
        assert_eq!(blinded.finish(key.public_key(), &evaluated), wrong);
        let right = key.evaluate(blinded.elements()).unwrap();
        let mixed = Evaluated {
            elements: vec![right.elements[0], evaluated.elements[1]],
            proof: right.proof,
        };
        assert_eq!(blinded.finish(key.public_key(), &mixed), wrong);
        let swapped =
            Evaluated { elements: vec![right.elements[1], right.elements[0]], proof: right.proof };
        assert_eq!(blinded.finish(key.public_key(), &swapped), wrong);
        let fewer = Evaluated { elements: vec![right.elements[0]], proof: right.proof };
        let count = OprfError::Count { expected: 2, found: 1 };
        assert_eq!(blinded.finish(key.public_key(), &fewer), Err(count));
        let none = FunctionKey([0; 32]);
        assert_eq!(blinded.finish(none, &right), Err(OprfError::PublicKey));
    }

    #[test]
    fn what_is_no_element_is_refused_by_its_index() {
        let key = key();
        let good = asked(&["x"]).elements()[0];
        for bad in [[0; 32], [0xFF; 32], [1; 32]] {
            assert_eq!(key.evaluate(&[good, bad]), Err(OprfError::Element { index: 1 }));
        }
    }

    #[test]
    fn counts_and_lengths_are_bounded_on_both_sides() {
        assert!(matches!(Blinded::new(Vec::new()), Err(OprfError::Count { .. })));
        let many = vec![vec![1]; EVALUATIONS_MAX + 1];
        assert!(matches!(Blinded::new(many), Err(OprfError::Count { .. })));
        assert!(Blinded::new(vec![vec![1; INPUT_BYTES_MAX]]).is_ok());
        for bad in [Vec::new(), vec![1; INPUT_BYTES_MAX + 1]] {
            let refused = Blinded::new(vec![vec![1], bad]).err();
            assert_eq!(refused, Some(OprfError::Input { index: 1 }));
        }
        assert!(matches!(key().evaluate(&[]), Err(OprfError::Count { .. })));
        let many = vec![asked(&["x"]).elements()[0]; EVALUATIONS_MAX + 1];
        assert!(matches!(key().evaluate(&many), Err(OprfError::Count { .. })));
    }

    #[test]
    fn neither_values_nor_keys_are_printed() {
        let text = format!("{:?} {:?}", asked(&["sesame"]), key());
        assert!(!text.contains("sesame") && !text.contains("[7, 7"), "{text}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn blinded_and_direct_evaluation_agree(
            inputs in vec(vec(any::<u8>(), 1..40), 1..8),
        ) {
            let key = key();
            let blinded = Blinded::new(inputs.clone()).unwrap();
            let evaluated = key.evaluate(blinded.elements()).unwrap();
            let outputs = blinded.finish(key.public_key(), &evaluated).unwrap();
            for (input, output) in inputs.iter().zip(outputs) {
                prop_assert_eq!(key.output(input).unwrap(), output);
            }
        }

        #[test]
        fn random_bytes_as_elements_never_panic(bytes in any::<[u8; 32]>()) {
            let answer = key().evaluate(&[bytes]);
            let refused = OprfError::Element { index: 0 };
            prop_assert!(answer.as_ref().err().is_none_or(|error| *error == refused));
        }
    }
}
