using System;

namespace NetFlow
{
    /// <summary>Rows as objects. The order of the columns is that of core/fields.ts.</summary>
    internal static class Decode
    {
        public static Array Traffic(Payload payload) => Rows(payload, (table, row) => new ProcessTraffic
        {
            ProcessId = table.Int(row, 0),
            ProcessName = table.Text(row, 1),
            Path = table.Text(row, 2),
            User = table.Text(row, 3),
            StartTime = table.Time(row, 4),
            UploadBytes = table.Long(row, 5),
            DownloadBytes = table.Long(row, 6),
            UploadSpeed = table.Long(row, 7),
            DownloadSpeed = table.Long(row, 8),
            UploadLimit = table.LongOrNull(row, 9),
            DownloadLimit = table.LongOrNull(row, 10),
            Connections = table.Long(row, 11),
            Exited = table.Boolean(row, 12),
        });

        public static Array Connections(Payload payload) => Rows(payload, (table, row) => new ProcessConnection
        {
            Protocol = table.Text(row, 0),
            LocalAddress = table.Text(row, 1),
            LocalPort = table.Int(row, 2),
            RemoteAddress = table.Text(row, 3),
            RemotePort = table.Int(row, 4),
            State = table.Text(row, 5),
            ProcessId = table.Int(row, 6),
            ProcessName = table.Text(row, 7),
            UploadBytes = table.Long(row, 8),
            DownloadBytes = table.Long(row, 9),
            UploadSpeed = table.Long(row, 10),
            DownloadSpeed = table.Long(row, 11),
        });

        public static Array Measurement(Payload payload) => Rows(payload, (table, row) => new TrafficMeasurement
        {
            DurationMs = table.Long(row, 0),
            Processes = table.Int(row, 1),
            UploadBytes = table.Long(row, 2),
            DownloadBytes = table.Long(row, 3),
            AverageUploadSpeed = table.Long(row, 4),
            AverageDownloadSpeed = table.Long(row, 5),
        });

        public static Array Driver(Payload payload) => Rows(payload, (table, row) => new DriverStatus
        {
            Driver = table.Text(row, 0),
            State = table.Text(row, 1),
            Version = table.Text(row, 2),
            Since = table.TimeOrNull(row, 3),
            LostEvents = table.Long(row, 4),
            UnattributedBytes = table.Long(row, 5),
            Requirements = Objects(payload.Tables[1], (requirements, at) => new DriverRequirement
            {
                Name = requirements.Text(at, 0),
                Ok = requirements.Boolean(at, 1),
                Detail = requirements.Text(at, 2),
            }),
        });

        public static Array Limits(Payload payload) => Rows(payload, (table, row) => new ProcessBandwidthLimit
        {
            Target = table.Text(row, 0),
            ProcessId = (int?)table.LongOrNull(row, 1),
            Path = table.Text(row, 2),
            UploadLimit = table.LongOrNull(row, 3),
            DownloadLimit = table.LongOrNull(row, 4),
            Shared = table.Boolean(row, 5),
            Source = table.Text(row, 6),
            Processes = table.Long(row, 7),
        });

        public static Array Rates(Payload payload) => Rows(payload, (table, row) => table.LongOrNull(row, 0));

        public static Array Texts(Payload payload) => Rows(payload, (table, row) => table.Text(row, 0));

        public static Array Nothing(Payload payload) => Array.Empty<object>();

        private static Item[] Rows<Item>(Payload payload, Func<Table, int, Item> create) =>
            payload.Tables.Length == 0 ? Array.Empty<Item>() : Objects(payload.Tables[0], create);

        private static Item[] Objects<Item>(Table table, Func<Table, int, Item> create)
        {
            var objects = new Item[table.Rows];
            for (var row = 0; row < objects.Length; row++) objects[row] = create(table, row);
            return objects;
        }
    }
}
