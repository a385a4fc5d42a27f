//! How is it said to people? Terminal summary, report page, exports; fixed wording, masked contacts.
