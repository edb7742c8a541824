-- AlterTable
ALTER TABLE "ml_training_jobs" ADD COLUMN     "trials" JSONB NOT NULL DEFAULT '[]';
