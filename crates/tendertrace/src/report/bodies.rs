//! Under which id does an organisation leave the case? All spellings that the case holds for one
//! organisation leave as one, with the others as its aliases; what people said of them is in it already.
//! Without a case a name stands for itself.

use super::mask;
use crate::rulebook::Rulebook;
use std::collections::HashMap;

/// An organisation of the case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body {
    /// Id of the entity in the case.
    pub id: String,
    /// The usual spelling first.
    pub names: Vec<String>,
    pub code: Option<String>,
}

/// The organisations of a case by their spellings.
#[derive(Debug, Default)]
pub struct Bodies {
    all: Vec<Body>,
    by_name: HashMap<String, usize>,
    by_id: HashMap<String, usize>,
}

impl Bodies {
    /// The organisations that may leave, without what is a person's name.
    pub fn new(bodies: impl IntoIterator<Item = Body>, rules: &Rulebook) -> Bodies {
        let mut known = Bodies::default();
        for mut body in bodies {
            body.names.retain(|name| mask::party(name, &rules.report.masks) == *name);
            known.by_name.extend(body.names.iter().map(|name| (name.clone(), known.all.len())));
            known.by_id.insert(body.id.clone(), known.all.len());
            known.all.push(body);
        }
        known
    }

    /// The organisation of this id, if any of its names may leave.
    pub fn by_id(&self, id: &str) -> Option<&Body> {
        self.by_id.get(id).map(|at| &self.all[*at]).filter(|body| !body.names.is_empty())
    }

    /// The organisation that is written so.
    pub fn of(&self, name: &str) -> Option<&Body> {
        self.by_name.get(name).map(|at| &self.all[*at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_lead_to_one_body() {
        let names = vec!["虚构星桥信息技术有限公司".to_string(), "虛構星橋信息技術有限公司".to_string()];
        let body = Body { id: "e-1".into(), names: names.clone(), code: None };
        let bodies = Bodies::new([body], &Rulebook::embedded());
        assert_eq!(bodies.of(&names[0]), bodies.of(&names[1]));
        assert!(bodies.of(&names[1]).is_some() && bodies.of("示例甲科技有限公司").is_none());
    }
}
