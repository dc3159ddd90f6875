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

        // Bytes are whole; a larger unit has one decimal below 100, where that still means something.
        private static string Shorten(double value, int unit) =>
            value.ToString(unit > 0 && value < 99.95 ? "F1" : "F0", CultureInfo.InvariantCulture);

        private static double Parse(string text) => double.Parse(text, CultureInfo.InvariantCulture);
    }
}
