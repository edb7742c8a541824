-- CreateTable
CREATE TABLE "purchase_counts" (
    "product_id" TEXT NOT NULL,
    "month" SMALLINT NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "purchase_counts_pkey" PRIMARY KEY ("product_id","month")
);

-- CreateTable
CREATE TABLE "purchase_count_changes" (
    "id" BIGSERIAL NOT NULL,
    "transaction" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "product_ids" TEXT[],
    "months" SMALLINT[],
    "counts" INTEGER[],

    CONSTRAINT "purchase_count_changes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "product_changes" (
    "id" BIGSERIAL NOT NULL,
    "transaction" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "product_ids" TEXT[],

    CONSTRAINT "product_changes_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "purchase_count_changes_transaction_idx" ON "purchase_count_changes"("transaction");

-- CreateIndex
CREATE INDEX "product_changes_transaction_idx" ON "product_changes"("transaction");

-- What the Prisma schema cannot say, from here on.

INSERT INTO "purchase_counts" ("product_id", "month", "count")
SELECT "product_id", extract(month FROM "at" AT TIME ZONE 'UTC'), count(*)
FROM (
  SELECT l."product_id", o."placed_at" AS "at" FROM "order_lines" l JOIN "orders" o ON o."id" = l."order_id"
  UNION ALL
  SELECT "product_id", "at" FROM "events" WHERE "type" IN ('purchase', 'rating')
) AS bought
GROUP BY 1, 2;

-- One row a statement and no row written twice: a counter a product would make every writer of a popular product
-- wait for the one before it to commit, and two that write several products lock each other up.
CREATE FUNCTION "record_purchase_changes"(ids TEXT[], months SMALLINT[], changes INTEGER[]) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO "purchase_count_changes" ("transaction", "product_ids", "months", "counts")
  SELECT pg_current_xact_id()::text::bigint, array_agg(id), array_agg(month), array_agg(change)
  FROM (
    SELECT id, month, sum(change)::int AS change FROM unnest(ids, months, changes) AS c (id, month, change)
    GROUP BY id, month HAVING sum(change) <> 0
  ) AS net
  HAVING count(*) > 0
$$;

CREATE FUNCTION "month_of"(at TIMESTAMPTZ) RETURNS SMALLINT LANGUAGE sql IMMUTABLE
RETURN extract(month FROM at AT TIME ZONE 'UTC')::smallint;

-- lines count in the month of their order; those of an order that is gone were taken off before it went.
-- The plan is kept for a connection: one made while there were few orders must not scan them all when there are many.
CREATE FUNCTION "count_order_lines"() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM record_purchase_changes(array_agg(product_id), array_agg(month), array_agg(count))
    FROM (
      SELECT l.product_id, month_of(o.placed_at) AS month, count(*)::int AS count
      FROM new_rows l JOIN orders o ON o.id = l.order_id GROUP BY 1, 2
    ) AS bought;
  ELSIF TG_OP = 'DELETE' THEN
    PERFORM record_purchase_changes(array_agg(l.product_id), array_agg(month_of(o.placed_at)), array_agg(-1))
    FROM old_rows l JOIN orders o ON o.id = l.order_id;
  ELSE
    PERFORM record_purchase_changes(array_agg(l.product_id), array_agg(month_of(o.placed_at)), array_agg(l.change))
    FROM (SELECT order_id, product_id, 1 AS change FROM new_rows UNION ALL SELECT order_id, product_id, -1 FROM old_rows) AS l
    JOIN orders o ON o.id = l.order_id;
  END IF;
  RETURN NULL;
END $$;

-- BEFORE: the lines are still those that were counted
CREATE FUNCTION "recount_order"() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  PERFORM record_purchase_changes(array_agg(product_id), array_agg(month_of(OLD.placed_at)), array_agg(-1))
  FROM order_lines WHERE order_id = OLD.id;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  PERFORM record_purchase_changes(array_agg(product_id), array_agg(month_of(NEW.placed_at)), array_agg(1))
  FROM order_lines WHERE order_id = OLD.id;
  RETURN NEW;
END $$;

CREATE FUNCTION "count_events"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'DELETE' THEN
    PERFORM record_purchase_changes(array_agg(product_id), array_agg(month_of(at)), array_agg(1))
    FROM new_rows WHERE type IN ('purchase', 'rating');
  END IF;
  IF TG_OP <> 'INSERT' THEN
    PERFORM record_purchase_changes(array_agg(product_id), array_agg(month_of(at)), array_agg(-1))
    FROM old_rows WHERE type IN ('purchase', 'rating');
  END IF;
  RETURN NULL;
END $$;

-- which products are not as they were: written or deleted, or of a farm that was written
CREATE FUNCTION "record_product_changes"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE changed TEXT[];
BEGIN
  IF TG_TABLE_NAME = 'farms' THEN
    SELECT array_agg(id) INTO changed FROM products WHERE farm_id IN (SELECT id FROM new_rows);
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(id) INTO changed FROM old_rows;
  ELSIF TG_OP = 'INSERT' THEN
    SELECT array_agg(id) INTO changed FROM new_rows;
  ELSE
    SELECT array_agg(id) INTO changed FROM (SELECT id FROM new_rows UNION SELECT id FROM old_rows) AS ids;
  END IF;
  IF changed IS NOT NULL THEN
    INSERT INTO product_changes (transaction, product_ids) VALUES (pg_current_xact_id()::text::bigint, changed);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER "order_lines_count_inserted" AFTER INSERT ON "order_lines"
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "count_order_lines"();
CREATE TRIGGER "order_lines_count_updated" AFTER UPDATE ON "order_lines"
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "count_order_lines"();
CREATE TRIGGER "order_lines_count_deleted" AFTER DELETE ON "order_lines"
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION "count_order_lines"();
CREATE TRIGGER "orders_recount_updated" BEFORE UPDATE OF "placed_at" ON "orders" FOR EACH ROW
  WHEN (OLD."placed_at" IS DISTINCT FROM NEW."placed_at") EXECUTE FUNCTION "recount_order"();
CREATE TRIGGER "orders_recount_deleted" BEFORE DELETE ON "orders"
  FOR EACH ROW EXECUTE FUNCTION "recount_order"();
CREATE TRIGGER "events_count_inserted" AFTER INSERT ON "events"
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "count_events"();
CREATE TRIGGER "events_count_updated" AFTER UPDATE ON "events"
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "count_events"();
CREATE TRIGGER "events_count_deleted" AFTER DELETE ON "events"
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION "count_events"();
CREATE TRIGGER "products_record_inserted" AFTER INSERT ON "products"
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "record_product_changes"();
CREATE TRIGGER "products_record_updated" AFTER UPDATE ON "products"
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "record_product_changes"();
CREATE TRIGGER "products_record_deleted" AFTER DELETE ON "products"
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION "record_product_changes"();
CREATE TRIGGER "farms_record_updated" AFTER UPDATE ON "farms"
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "record_product_changes"();

-- whoever writes with triggers switched off, as the demo does, is counted too
ALTER TABLE "order_lines" ENABLE ALWAYS TRIGGER "order_lines_count_inserted";
ALTER TABLE "order_lines" ENABLE ALWAYS TRIGGER "order_lines_count_updated";
ALTER TABLE "order_lines" ENABLE ALWAYS TRIGGER "order_lines_count_deleted";
ALTER TABLE "orders" ENABLE ALWAYS TRIGGER "orders_recount_updated";
ALTER TABLE "orders" ENABLE ALWAYS TRIGGER "orders_recount_deleted";
ALTER TABLE "events" ENABLE ALWAYS TRIGGER "events_count_inserted";
ALTER TABLE "events" ENABLE ALWAYS TRIGGER "events_count_updated";
ALTER TABLE "events" ENABLE ALWAYS TRIGGER "events_count_deleted";
ALTER TABLE "products" ENABLE ALWAYS TRIGGER "products_record_inserted";
ALTER TABLE "products" ENABLE ALWAYS TRIGGER "products_record_updated";
ALTER TABLE "products" ENABLE ALWAYS TRIGGER "products_record_deleted";
ALTER TABLE "farms" ENABLE ALWAYS TRIGGER "farms_record_updated";
