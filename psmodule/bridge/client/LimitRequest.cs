using System;
using System.Linq;

namespace NetFlow
{
    /// <summary>Encodes limit targets into a request to the host, and decodes the errors about them in its answer.</summary>
    internal static class LimitRequest
    {
        /// <summary>Encodes the tables: ids, paths, and a row of values for all of them.</summary>
        public static byte[] Encode(LimitTarget[] targets, params double[] cells)
        {
            var ids = targets.Where(target => target.ProcessId.HasValue).Select(target => target.ProcessId!.Value).ToArray();
            var paths = targets.Where(target => target.Path != null).Select(target => target.Path!).ToArray();
            return Payload.Encode(ids, paths, new[] { cells });
        }

        /// <summary>Decodes an error from each row of the second table: the target's place in the order of Encode, code, message.</summary>
        public static Func<Payload, Array, NetFlowException[]> Failures(LimitTarget[] targets)
        {
            var encoded = targets.Where(target => target.ProcessId.HasValue).Concat(targets.Where(target => target.Path != null)).ToArray();
            return (payload, rows) =>
            {
                var table = payload.Tables[1];
                return Enumerable.Range(0, table.Rows)
                    .Select(row => new NetFlowException(table.Text(row, 1)!, table.Text(row, 2)!, encoded[table.Int(row, 0)].Subject))
                    .ToArray();
            };
        }
    }
}
