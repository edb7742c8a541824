-- CreateEnum
CREATE TYPE "event_type" AS ENUM ('view', 'click', 'cart', 'purchase', 'rating');

-- CreateEnum
CREATE TYPE "ml_model_status" AS ENUM ('UNTRAINED', 'TRAINING', 'TRAINED', 'EVALUATING', 'DEPLOYED', 'DEPRECATED', 'FAILED');

-- CreateEnum
CREATE TYPE "ml_training_job_status" AS ENUM ('QUEUED', 'PREPARING_DATA', 'TRAINING', 'VALIDATING', 'COMPLETED', 'FAILED', 'CANCELLED');

-- CreateTable
CREATE TABLE "users" (
    "id" TEXT NOT NULL,
    "name" TEXT,
    "latitude" DOUBLE PRECISION,
    "longitude" DOUBLE PRECISION,
    "region" TEXT,
    "preferences" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "farms" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "latitude" DOUBLE PRECISION,
    "longitude" DOUBLE PRECISION,
    "region" TEXT,
    "certifications" JSONB NOT NULL DEFAULT '[]',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "farms_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "products" (
    "id" TEXT NOT NULL,
    "farm_id" TEXT,
    "name" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "unit" TEXT NOT NULL DEFAULT 'piece',
    "price_minor" INTEGER,
    "currency" CHAR(3) NOT NULL DEFAULT 'EUR',
    "season_months" SMALLINT[] DEFAULT ARRAY[]::SMALLINT[],
    "shelf_life_days" INTEGER,
    "certifications" JSONB NOT NULL DEFAULT '[]',
    "stock" DECIMAL(14,3),
    "active" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "products_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "orders" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "placed_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "orders_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "order_lines" (
    "order_id" TEXT NOT NULL,
    "line_number" INTEGER NOT NULL,
    "product_id" TEXT NOT NULL,
    "quantity" DECIMAL(14,3) NOT NULL,
    "unit_price_minor" INTEGER,

    CONSTRAINT "order_lines_pkey" PRIMARY KEY ("order_id","line_number")
);

-- CreateTable
CREATE TABLE "events" (
    "id" TEXT NOT NULL,
    "type" "event_type" NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "user_id" TEXT NOT NULL,
    "product_id" TEXT NOT NULL,
    "value" DOUBLE PRECISION,
    "context" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "price_changes" (
    "product_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "price_minor" INTEGER NOT NULL,

    CONSTRAINT "price_changes_pkey" PRIMARY KEY ("product_id","at")
);

-- CreateTable
CREATE TABLE "stock_levels" (
    "product_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "quantity" DECIMAL(14,3) NOT NULL,

    CONSTRAINT "stock_levels_pkey" PRIMARY KEY ("product_id","at")
);

-- CreateTable
CREATE TABLE "ml_models" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "status" "ml_model_status" NOT NULL DEFAULT 'UNTRAINED',
    "config" JSONB NOT NULL DEFAULT '{}',
    "metrics" JSONB NOT NULL DEFAULT '{}',
    "artifact_hash" TEXT,
    "snapshot_hash" TEXT,
    "trained_at" TIMESTAMPTZ(3),
    "deployed_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ml_models_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ml_training_jobs" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "model_type" TEXT NOT NULL,
    "model_id" UUID,
    "status" "ml_training_job_status" NOT NULL DEFAULT 'QUEUED',
    "config" JSONB NOT NULL DEFAULT '{}',
    "progress" INTEGER NOT NULL DEFAULT 0,
    "progress_detail" JSONB NOT NULL DEFAULT '{}',
    "metrics" JSONB,
    "error" JSONB,
    "attempt" INTEGER NOT NULL DEFAULT 1,
    "requested_by" TEXT,
    "lease_token" TEXT,
    "cancel_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ml_training_jobs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ml_training_job_transitions" (
    "id" BIGSERIAL NOT NULL,
    "job_id" UUID NOT NULL,
    "status" "ml_training_job_status" NOT NULL,
    "reason" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ml_training_job_transitions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ml_predictions" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "model_id" UUID,
    "model_version" INTEGER,
    "user_id" TEXT,
    "type" TEXT NOT NULL,
    "input" JSONB NOT NULL,
    "output" JSONB,
    "source_id" UUID,
    "confidence" DECIMAL(5,4),
    "inference_time" DOUBLE PRECISION NOT NULL,
    "cached" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ml_predictions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ml_deployments" (
    "id" BIGSERIAL NOT NULL,
    "model_type" TEXT NOT NULL,
    "model_id" UUID NOT NULL,
    "previous_model_id" UUID,
    "action" TEXT NOT NULL,
    "actor" TEXT,
    "reason" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ml_deployments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_records" (
    "subject" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "status" INTEGER,
    "headers" JSONB,
    "body" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_records_pkey" PRIMARY KEY ("subject","key")
);

-- CreateTable
CREATE TABLE "settings" (
    "name" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "settings_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE INDEX "products_farm_id_idx" ON "products"("farm_id");

-- CreateIndex
CREATE INDEX "products_category_idx" ON "products"("category");

-- CreateIndex
CREATE INDEX "products_updated_at_idx" ON "products"("updated_at");

-- CreateIndex
CREATE INDEX "orders_user_id_placed_at_idx" ON "orders"("user_id", "placed_at");

-- CreateIndex
CREATE INDEX "orders_placed_at_idx" ON "orders"("placed_at");

-- CreateIndex
CREATE INDEX "order_lines_product_id_idx" ON "order_lines"("product_id");

-- CreateIndex
CREATE INDEX "events_user_id_at_idx" ON "events"("user_id", "at");

-- CreateIndex
CREATE INDEX "events_product_id_idx" ON "events"("product_id");

-- CreateIndex
CREATE INDEX "events_at_idx" ON "events"("at");

-- CreateIndex
CREATE INDEX "ml_models_type_status_idx" ON "ml_models"("type", "status");

-- CreateIndex
CREATE INDEX "ml_models_created_at_id_idx" ON "ml_models"("created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "ml_models_type_version_key" ON "ml_models"("type", "version");

-- CreateIndex
CREATE INDEX "ml_training_jobs_model_type_status_idx" ON "ml_training_jobs"("model_type", "status");

-- CreateIndex
CREATE INDEX "ml_training_jobs_model_id_idx" ON "ml_training_jobs"("model_id");

-- CreateIndex
CREATE INDEX "ml_training_jobs_status_created_at_idx" ON "ml_training_jobs"("status", "created_at");

-- CreateIndex
CREATE INDEX "ml_training_jobs_created_at_id_idx" ON "ml_training_jobs"("created_at", "id");

-- CreateIndex
CREATE INDEX "ml_training_job_transitions_job_id_idx" ON "ml_training_job_transitions"("job_id");

-- CreateIndex
CREATE INDEX "ml_predictions_model_id_idx" ON "ml_predictions"("model_id");

-- CreateIndex
CREATE INDEX "ml_predictions_user_id_created_at_idx" ON "ml_predictions"("user_id", "created_at");

-- CreateIndex
CREATE INDEX "ml_predictions_created_at_id_idx" ON "ml_predictions"("created_at", "id");

-- CreateIndex
CREATE INDEX "ml_deployments_model_type_at_idx" ON "ml_deployments"("model_type", "at");

-- CreateIndex
CREATE INDEX "ml_deployments_model_id_idx" ON "ml_deployments"("model_id");

-- CreateIndex
CREATE INDEX "idempotency_records_created_at_idx" ON "idempotency_records"("created_at");

-- AddForeignKey
ALTER TABLE "products" ADD CONSTRAINT "products_farm_id_fkey" FOREIGN KEY ("farm_id") REFERENCES "farms"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "orders" ADD CONSTRAINT "orders_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_lines" ADD CONSTRAINT "order_lines_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_lines" ADD CONSTRAINT "order_lines_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "events" ADD CONSTRAINT "events_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "events" ADD CONSTRAINT "events_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "price_changes" ADD CONSTRAINT "price_changes_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stock_levels" ADD CONSTRAINT "stock_levels_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ml_training_jobs" ADD CONSTRAINT "ml_training_jobs_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "ml_models"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ml_training_job_transitions" ADD CONSTRAINT "ml_training_job_transitions_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "ml_training_jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What the Prisma schema cannot say, from here on.

-- at most one deployed version of a type, whoever writes
CREATE UNIQUE INDEX "ml_models_one_deployed_per_type" ON "ml_models" ("type") WHERE "status" = 'DEPLOYED';

ALTER TABLE "users" ADD CONSTRAINT "users_place" CHECK ("latitude" BETWEEN -90 AND 90 AND "longitude" BETWEEN -180 AND 180);
ALTER TABLE "farms" ADD CONSTRAINT "farms_place" CHECK ("latitude" BETWEEN -90 AND 90 AND "longitude" BETWEEN -180 AND 180);
ALTER TABLE "products" ADD CONSTRAINT "products_price" CHECK ("price_minor" >= 0);
ALTER TABLE "products" ADD CONSTRAINT "products_stock" CHECK ("stock" >= 0);
ALTER TABLE "products" ADD CONSTRAINT "products_season" CHECK ("season_months" <@ ARRAY[1,2,3,4,5,6,7,8,9,10,11,12]::SMALLINT[]);
ALTER TABLE "order_lines" ADD CONSTRAINT "order_lines_quantity" CHECK ("quantity" > 0);
ALTER TABLE "ml_training_jobs" ADD CONSTRAINT "ml_training_jobs_progress" CHECK ("progress" BETWEEN 0 AND 100);

-- history of prices and stock, kept by the database so that no writer can forget it
CREATE FUNCTION "record_product_history"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."price_minor" IS NOT NULL AND (TG_OP = 'INSERT' OR NEW."price_minor" IS DISTINCT FROM OLD."price_minor") THEN
    INSERT INTO "price_changes" ("product_id", "at", "price_minor")
    VALUES (NEW."id", NEW."updated_at", NEW."price_minor")
    ON CONFLICT ("product_id", "at") DO UPDATE SET "price_minor" = EXCLUDED."price_minor";
  END IF;
  IF NEW."stock" IS NOT NULL AND (TG_OP = 'INSERT' OR NEW."stock" IS DISTINCT FROM OLD."stock") THEN
    INSERT INTO "stock_levels" ("product_id", "at", "quantity")
    VALUES (NEW."id", NEW."updated_at", NEW."stock")
    ON CONFLICT ("product_id", "at") DO UPDATE SET "quantity" = EXCLUDED."quantity";
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "products_history" AFTER INSERT OR UPDATE OF "price_minor", "stock" ON "products"
  FOR EACH ROW EXECUTE FUNCTION "record_product_history"();

-- replicas hear of changes to what they keep in memory
CREATE FUNCTION "notify_almanac"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('almanac', TG_TABLE_NAME);
  RETURN NULL;
END $$;
CREATE TRIGGER "products_notify" AFTER INSERT OR UPDATE OR DELETE ON "products"
  FOR EACH STATEMENT EXECUTE FUNCTION "notify_almanac"();
CREATE TRIGGER "farms_notify" AFTER INSERT OR UPDATE OR DELETE ON "farms"
  FOR EACH STATEMENT EXECUTE FUNCTION "notify_almanac"();
CREATE TRIGGER "ml_models_notify" AFTER INSERT OR UPDATE OR DELETE ON "ml_models"
  FOR EACH STATEMENT EXECUTE FUNCTION "notify_almanac"();
CREATE TRIGGER "orders_notify" AFTER INSERT OR UPDATE OR DELETE ON "order_lines"
  FOR EACH STATEMENT EXECUTE FUNCTION "notify_almanac"();
CREATE TRIGGER "events_notify" AFTER INSERT OR UPDATE OR DELETE ON "events"
  FOR EACH STATEMENT EXECUTE FUNCTION "notify_almanac"();
