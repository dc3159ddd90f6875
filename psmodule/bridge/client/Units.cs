using System;
using System.Globalization;

namespace NetFlow
{
    /// <summary>Formats numbers for people, as the command line does (core/units.ts).</summary>
    public static class Units
    {
        private static readonly string[] Names = { "B", "KB", "MB", "GB", "TB", "PB" };

        /// <summary>Formats bytes, 1024-based: <c>999 B</c>, <c>1.4 KB</c>, <c>512 GB</c>.</summary>
        public static string FormatBytes(long bytes)
        {
            double value = bytes;
            var unit = 0;
            while (Parse(Shorten(value, unit)) >= 1024 && unit < Names.Length - 1)
            {
                value /= 1024;
                unit++;
            }
            return Shorten(value, unit) + " " + Names[unit];
        }

        public static string FormatSpeed(long bytesPerSecond) => FormatBytes(bytesPerSecond) + "/s";

        /// <summary>
        /// Formats a limit so that it can be read as exactly this rate (core/rate.ts): <c>1.5MB</c>, <c>10mbit</c>, <c>none</c>.
        /// </summary>
        public static string FormatRate(long? rate)
        {
            if (!(rate is long number)) return "none";
            foreach (var (name, bytes) in new[] { ("GB", 1L << 30), ("MB", 1L << 20), ("KB", 1L << 10) })
            {
                if (number >= bytes && number * 1000m % bytes == 0) return ((decimal)number / bytes).ToString("0.###", CultureInfo.InvariantCulture) + name;
            }
            foreach (var (name, bytes) in new[] { ("gbit", 125_000_000L), ("mbit", 125_000L), ("kbit", 125L) })
            {
                if (number >= bytes && number % bytes == 0) return (number / bytes).ToString(CultureInfo.InvariantCulture) + name;
            }
            return number.ToString(CultureInfo.InvariantCulture);
        }

        // Bytes are whole; a larger unit has one decimal below 100, where that still means something.
        private static string Shorten(double value, int unit) =>
            value.ToString(unit > 0 && value < 99.95 ? "F1" : "F0", CultureInfo.InvariantCulture);

        private static double Parse(string text) => double.Parse(text, CultureInfo.InvariantCulture);
    }
}
