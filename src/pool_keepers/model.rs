//! What is given: the keepers of the pools.

use crate::error::{Error, Result};
use crate::keepers::{Attempts, Contest, Executor, Keepers, Parameters, Retry, RuleName};
use crate::pool_tree::PoolTree;
use serde::{Serialize, Serializer};

/// Which keepers serve a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Assignment {
    /// Every pool selects among all keepers.
    #[default]
    Shared,
    /// Keeper `i` is operator `i`: a pool selects among its own operators.
    Operators,
}

impl Assignment {
    /// Both, in the order of the documentation.
    pub const ALL: [Self; 2] = [Self::Shared, Self::Operators];

    /// The name in a scenario file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Operators => "operators",
        }
    }
}

/// Whether a keeper's failures have to do with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outages {
    /// Every attempt fails by itself: what the closed form assumes.
    #[default]
    Independent,
    /// A keeper that is down is down in all its pools for a whole window of the highest active height, with the probability
    /// with which one attempt fails.
    Common,
}

impl Outages {
    /// Both, in the order of the documentation.
    pub const ALL: [Self; 2] = [Self::Independent, Self::Common];

    /// The name in a scenario file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Independent => "independent",
            Self::Common => "common",
        }
    }
}

/// How the pools of one height select.
#[derive(Debug, Clone, PartialEq)]
pub struct HeightKeepers {
    /// The height.
    pub height: u32,
    /// The rule.
    pub rule: RuleName,
    /// Its parameters, the task's, and what follows a failure.
    pub parameters: Parameters,
}

/// The keepers of all pools, and how they are selected.
#[derive(Debug, Clone, PartialEq)]
pub struct PoolKeepers {
    keepers: Keepers,
    assignment: Assignment,
    outages: Outages,
    rule: RuleName,
    parameters: Parameters,
    per_height: Vec<HeightKeepers>,
}

/// One pool's selection: what law and simulation read.
#[derive(Debug, Clone, PartialEq)]
pub struct PoolSelection {
    /// Who can be selected, and how.
    pub contest: Contest,
    /// The entrants of the contest as those who execute.
    pub executors: Vec<Executor>,
    /// What follows a failure.
    pub attempts: Attempts,
}

impl PoolKeepers {
    /// The most keepers of a scenario.
    pub const MOST_KEEPERS: usize = 1 << 16;

    /// Keepers selected by `rule` in every pool.
    ///
    /// # Errors
    /// [`Error::Domain`] for a parameter out of range, more than 65536 keepers, or common outages where failed keepers are not
    /// excluded: who is down would be asked for ever.
    pub fn new(
        keepers: Keepers,
        assignment: Assignment,
        outages: Outages,
        rule: RuleName,
        parameters: Parameters,
    ) -> Result<Self> {
        if keepers.len() > Self::MOST_KEEPERS {
            let given = format!("({} keepers)", keepers.len());
            return Err(Error::domain("list", given, format!("at most {} keepers", Self::MOST_KEEPERS)));
        }
        check(&parameters, outages)?;
        Ok(Self { keepers, assignment, outages, rule, parameters, per_height: Vec::new() })
    }

    /// The same keepers selected otherwise at some heights.
    ///
    /// # Errors
    /// [`Error::Domain`] as [`PoolKeepers::new`], the key below `heights.i`, or for a height given twice.
    pub fn with_heights(mut self, per_height: Vec<HeightKeepers>) -> Result<Self> {
        for (i, own) in per_height.iter().enumerate() {
            check(&own.parameters, self.outages).map_err(|e| e.within(&format!("heights.{i}")))?;
            if per_height[..i].iter().any(|other| other.height == own.height) {
                return Err(Error::domain(
                    format!("heights.{i}.height"),
                    own.height,
                    "a height that is not given twice",
                ));
            }
        }
        self.per_height = per_height;
        Ok(self)
    }

    /// Checks them against a tree.
    ///
    /// # Errors
    /// [`Error::Domain`] for a height above the depth, or if keepers are operators and there is not one for each.
    pub fn check(&self, tree: &PoolTree) -> Result<()> {
        let too_high = self.per_height.iter().enumerate().find(|(_, own)| own.height > tree.depth());
        if let Some((i, own)) = too_high {
            let allowed = format!("an integer from 0 to the depth {}", tree.depth());
            return Err(Error::domain(format!("heights.{i}.height"), own.height, allowed));
        }
        let operators = tree.operators();
        if self.assignment == Assignment::Operators && operators != Some(self.keepers.len() as u64) {
            let operators = operators.map_or_else(|| format!("{:e}", tree.size_f64(tree.depth())), |n| n.to_string());
            let allowed = format!("{operators} keepers, one per operator, or assignment = \"shared\"");
            return Err(Error::domain("list", format!("({} keepers)", self.keepers.len()), allowed));
        }
        Ok(())
    }

    /// All keepers.
    pub fn keepers(&self) -> &Keepers {
        &self.keepers
    }

    /// Which of them serve a pool.
    pub fn assignment(&self) -> Assignment {
        self.assignment
    }

    /// Whether their failures have to do with each other.
    pub fn outages(&self) -> Outages {
        self.outages
    }

    /// The rule where a height has none of its own.
    pub fn rule(&self) -> RuleName {
        self.rule
    }

    /// The parameters where a height has none of its own.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Heights that select otherwise.
    pub fn per_height(&self) -> &[HeightKeepers] {
        &self.per_height
    }

    /// Rule and parameters at a height.
    pub fn at(&self, height: u32) -> (RuleName, &Parameters) {
        let own = self.per_height.iter().find(|own| own.height == height);
        own.map_or((self.rule, &self.parameters), |own| (own.rule, &own.parameters))
    }

    /// The key of a parameter of a height: among its own, if it has any.
    pub(super) fn own_key(&self, height: u32, parameter: &str) -> String {
        let own = self.per_height.iter().position(|own| own.height == height);
        own.map_or(parameter.to_owned(), |i| format!("heights.{i}.{parameter}"))
    }

    /// How many pools of a height differ from each other.
    pub(crate) fn pools(&self, tree: &PoolTree, height: u32) -> usize {
        match self.assignment {
            Assignment::Shared => 1,
            Assignment::Operators => tree.pools(height).unwrap_or(1) as usize,
        }
    }

    /// The selection of one pool, on a tree that the keepers were checked against; its entrants count among the keepers of
    /// the pool, in the order of all.
    ///
    /// In a pool of which the rule weighs the operators and none of them has a weight, nobody can be selected.
    ///
    /// # Errors
    /// As [`Contest::new`]; [`Error::Domain`] where the rule weighs keepers and none of all has a weight.
    pub fn selection(&self, tree: &PoolTree, height: u32, pool: usize) -> Result<PoolSelection> {
        let (rule, parameters) = self.at(height);
        let own = match self.assignment {
            Assignment::Shared => None,
            Assignment::Operators => Some(self.members(tree, height, pool)),
        };
        let own = own.map(|members| self.keepers.subset(members));
        let keepers = own.as_ref().unwrap_or(&self.keepers);
        let (mut contest, weightless) = Contest::of(keepers, &parameters.rule(rule)?, &parameters.task())?;
        if weightless && keepers.len() == self.keepers.len() {
            let allowed = "a rule that does not weigh by stake, where every viable keeper has stake 0";
            return Err(Error::domain(self.own_key(height, "rule"), format!("\"{}\"", rule.name()), allowed));
        }
        if weightless {
            contest = Contest::nobody();
        }
        let executor = |&i: &usize| Executor::new(&keepers.all()[i], parameters.reliability);
        let executors = contest.entrants().iter().map(executor).collect();
        Ok(PoolSelection { contest, executors, attempts: parameters.attempts() })
    }

    /// The keepers of a pool by their indices, rising; entrants of its selection count among them.
    pub(crate) fn members(&self, tree: &PoolTree, height: u32, pool: usize) -> Vec<usize> {
        match (self.assignment, tree.given_pools()) {
            (Assignment::Shared, _) => (0..self.keepers.len()).collect(),
            (Assignment::Operators, None) => {
                let size = tree.size(height).unwrap_or(1) as usize;
                (pool * size..((pool + 1) * size).min(self.keepers.len())).collect()
            }
            (Assignment::Operators, Some(pools)) => {
                let mut members = pools.members(height, pool).to_vec();
                members.sort_unstable();
                members
            }
        }
    }
}

fn check(parameters: &Parameters, outages: Outages) -> Result<()> {
    parameters.check()?;
    if outages == Outages::Common && parameters.retry != Retry::Exclude {
        let allowed = "\"exclude\" where outages are common: whoever is down would be asked again and again";
        return Err(Error::domain("retry", format!("\"{}\"", parameters.retry.name()), allowed));
    }
    Ok(())
}

/// As the section `[keepers]` of a scenario, every keeper listed.
impl Serialize for PoolKeepers {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Own<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            height: Option<u32>,
            rule: RuleName,
            #[serde(flatten)]
            parameters: &'a Parameters,
        }
        #[derive(Serialize)]
        struct All<'a> {
            assignment: Assignment,
            outages: Outages,
            #[serde(flatten)]
            own: Own<'a>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            heights: Vec<Own<'a>>,
            list: &'a Keepers,
        }
        let heights = self.per_height.iter().map(|own| Own {
            height: Some(own.height),
            rule: own.rule,
            parameters: &own.parameters,
        });
        let own = Own { height: None, rule: self.rule, parameters: &self.parameters };
        let Self { assignment, outages, keepers, .. } = self;
        let (assignment, outages) = (*assignment, *outages);
        All { assignment, outages, own, heights: heights.collect(), list: keepers }.serialize(serializer)
    }
}
