-- By which transaction a row came or was last changed. A reader that has seen all transactions before X finds
-- everything it has not seen at "arrival" >= X, however late a transaction commits: X is pg_snapshot_xmin.
ALTER TABLE "users" ADD COLUMN "arrival" XID8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE "orders" ADD COLUMN "arrival" XID8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE "order_lines" ADD COLUMN "arrival" XID8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE "events" ADD COLUMN "arrival" XID8 NOT NULL DEFAULT pg_current_xact_id();

-- CreateIndex
CREATE INDEX "users_arrival_idx" ON "users"("arrival");

-- CreateIndex
CREATE INDEX "orders_arrival_idx" ON "orders"("arrival");

-- CreateIndex
CREATE INDEX "order_lines_arrival_idx" ON "order_lines"("arrival");

-- CreateIndex
CREATE INDEX "events_arrival_idx" ON "events"("arrival");

-- What the Prisma schema cannot say, from here on.

CREATE FUNCTION "mark_arrival"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."arrival" := pg_current_xact_id();
  RETURN NEW;
END $$;
CREATE TRIGGER "users_arrival" BEFORE UPDATE ON "users" FOR EACH ROW EXECUTE FUNCTION "mark_arrival"();
CREATE TRIGGER "orders_arrival" BEFORE UPDATE ON "orders" FOR EACH ROW EXECUTE FUNCTION "mark_arrival"();
CREATE TRIGGER "order_lines_arrival" BEFORE UPDATE ON "order_lines" FOR EACH ROW EXECUTE FUNCTION "mark_arrival"();
CREATE TRIGGER "events_arrival" BEFORE UPDATE ON "events" FOR EACH ROW EXECUTE FUNCTION "mark_arrival"();

-- a row that is gone cannot say so: its order, or its user, says it
CREATE FUNCTION "mark_orders_of_removed_lines"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "orders" SET "arrival" = pg_current_xact_id() WHERE "id" IN (SELECT "order_id" FROM "removed");
  RETURN NULL;
END $$;
CREATE TRIGGER "order_lines_removed" AFTER DELETE ON "order_lines" REFERENCING OLD TABLE AS "removed"
  FOR EACH STATEMENT EXECUTE FUNCTION "mark_orders_of_removed_lines"();

CREATE FUNCTION "mark_users_of_removed_rows"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "users" SET "arrival" = pg_current_xact_id() WHERE "id" IN (SELECT "user_id" FROM "removed");
  RETURN NULL;
END $$;
CREATE TRIGGER "orders_removed" AFTER DELETE ON "orders" REFERENCING OLD TABLE AS "removed"
  FOR EACH STATEMENT EXECUTE FUNCTION "mark_users_of_removed_rows"();
CREATE TRIGGER "events_removed" AFTER DELETE ON "events" REFERENCING OLD TABLE AS "removed"
  FOR EACH STATEMENT EXECUTE FUNCTION "mark_users_of_removed_rows"();

-- an order that goes to another user, and a user who has moved
CREATE TRIGGER "orders_changed_notify" AFTER UPDATE OR DELETE ON "orders"
  FOR EACH STATEMENT EXECUTE FUNCTION "notify_almanac"();
CREATE TRIGGER "users_notify" AFTER INSERT OR UPDATE ON "users"
  FOR EACH STATEMENT EXECUTE FUNCTION "notify_almanac"();
