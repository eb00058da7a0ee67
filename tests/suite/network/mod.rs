//! Networks: sites, and trees of pools over them.

mod sites;
