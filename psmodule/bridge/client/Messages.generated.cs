// Generated from psmodule/bridge/wire.ts. Do not edit; run: node scripts/generate-records.mjs
namespace NetFlow
{
    internal enum Request : byte
    {
        Traffic = 1,
        Watch = 2,
        Connections = 3,
        Measure = 4,
        DriverStatus = 5,
        DriverStart = 6,
        DriverStop = 7,
        DriverInstall = 8,
        DriverUninstall = 9,
        Next = 10,
        Rates = 11,
        LimitList = 12,
        LimitSet = 13,
        LimitRemove = 14,
        PolicyApply = 15,
        PolicyTest = 16,
        PolicyExport = 17,
        PolicyUpdate = 18,
        PolicyPlan = 19,
    }

    internal enum Reply : byte
    {
        Batch = 1,
        Last = 2,
        Error = 3,
        Message = 4,
        Warning = 5,
    }
}
