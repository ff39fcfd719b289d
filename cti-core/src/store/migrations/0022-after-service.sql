-- The call-back after service: two clocks of an order from its result on, tries with the reason why they were in vain.
ALTER TABLE work_order ADD COLUMN try_due_ms INTEGER;       -- NULL: this clock does not run
ALTER TABLE work_order ADD COLUMN revisit_due_ms INTEGER;
ALTER TABLE work_order ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE work_order_step ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE work_order_step ADD COLUMN try_due_ms INTEGER;
ALTER TABLE work_order_step ADD COLUMN revisit_due_ms INTEGER;
DROP INDEX work_order_running;
CREATE INDEX work_order_running ON work_order (id) WHERE dispatch_due_ms IS NOT NULL OR answer_due_ms IS NOT NULL
    OR try_due_ms IS NOT NULL OR revisit_due_ms IS NOT NULL;

-- The order about which a customer is to be called; 0: none. An attempt in vain is a try of that order.
ALTER TABLE call_back ADD COLUMN work_order INTEGER NOT NULL DEFAULT 0;
ALTER TABLE call_back_order ADD COLUMN work_order INTEGER NOT NULL DEFAULT 0;
