-- Lists of loans and claims of one pool go by id, page by page.
CREATE INDEX pool_loan_order ON pool_loan (pool_id, id);
CREATE INDEX pool_claim_order ON pool_claim (pool_id, id);

-- One company's money asks for its loans.
CREATE INDEX pool_loan_org ON pool_loan (borrower_id);
