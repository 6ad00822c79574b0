use super::value::Balancing;
use crate::balance::{
    Adaptive, Balancer, FirstFree, KeyAffinity, LeastBusy, Predictive, RoundRobin, TwoChoices,
    Weighted,
};

impl Balancing {
    /// Makes the balancer of this name.
    ///
    /// ```
    /// use gonex_runtime::balance::Balancer;
    /// use gonex_runtime::config::Balancing;
    ///
    /// let balancer = Balancing::Predictive.balancer();
    /// assert_eq!(balancer.name(), Balancing::Predictive.to_string());
    /// ```
    #[must_use]
    pub fn balancer(self) -> Box<dyn Balancer> {
        match self {
            Self::RoundRobin => Box::new(RoundRobin::new()),
            Self::LeastBusy => Box::new(LeastBusy::new()),
            Self::Weighted => Box::new(Weighted::new()),
            Self::TwoChoices => Box::new(TwoChoices::new()),
            Self::FirstFree => Box::new(FirstFree::new()),
            Self::Adaptive => Box::new(Adaptive::new()),
            Self::KeyAffinity => Box::new(KeyAffinity::new()),
            Self::Predictive => Box::new(Predictive::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::{Setting, Value};
    use super::*;

    #[test]
    fn a_balancer_has_the_name_by_which_it_is_asked_for() {
        for name in [
            "round-robin",
            "least-busy",
            "weighted",
            "two-choices",
            "first-free",
            "adaptive",
            "key-affinity",
            "predictive",
        ] {
            let to = Balancing::read(&Value::Text(name.to_owned())).unwrap();
            assert_eq!(to.balancer().name(), name);
            assert!(Balancing::REMEDY.contains(name));
        }
    }
}
