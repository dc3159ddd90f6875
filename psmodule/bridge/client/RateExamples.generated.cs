// Generated from core/rate-examples.ts. Do not edit; run: node scripts/generate-records.mjs
namespace NetFlow
{
    internal static class RateExamples
    {
        public static readonly string[] All = { "none", "100KB", "1MB", "10MB", "1mbit", "10mbit", "100mbit" };
    }
}
