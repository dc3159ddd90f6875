namespace NetFlow
{
    /// <summary>The requests to the host; psmodule/bridge/wire.ts says what goes with each.</summary>
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
    }

    /// <summary>The host's replies.</summary>
    internal enum Reply : byte
    {
        Batch = 1,
        Last = 2,
        Error = 3,
        Message = 4,
    }
}
