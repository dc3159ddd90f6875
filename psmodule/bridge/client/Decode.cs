using System;

namespace NetFlow
{
    /// <summary>Decodes the host's answers into objects. Records.generated.cs decodes a single record.</summary>
    internal static class Decode
    {
        public static Array Traffic(Payload payload) => Rows(payload, ProcessTraffic.Read);

        public static Array Connections(Payload payload) => Rows(payload, ProcessConnection.Read);

        public static Array Measurement(Payload payload) => Rows(payload, TrafficMeasurement.Read);

        public static Array Driver(Payload payload) => Rows(payload, (table, row) =>
        {
            var status = DriverStatus.Read(table, row);
            status.Requirements = Objects(payload.Tables[1], DriverRequirement.Read);
            return status;
        });

        public static Array Limits(Payload payload) => Rows(payload, ProcessBandwidthLimit.Read);

        public static Array Rates(Payload payload) => Rows(payload, (table, row) => table.LongOrNull(row, 0));

        public static Array Differences(Payload payload) => Rows(payload, PolicyDifference.Read);

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
