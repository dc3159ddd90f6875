using System;
using System.Globalization;

namespace NetFlow
{
    /// <summary>Numbers for people, in the words of the command line (core/units.ts).</summary>
    public static class Units
    {
        private static readonly string[] Names = { "B", "KB", "MB", "GB", "TB", "PB" };

        /// <summary>1024-based: <c>999 B</c>, <c>1.4 KB</c>, <c>512 GB</c>.</summary>
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

        // Whole bytes; one decimal below 100 of any larger unit, where it still says something.
        private static string Shorten(double value, int unit) =>
            value.ToString(unit > 0 && value < 99.95 ? "F1" : "F0", CultureInfo.InvariantCulture);

        private static double Parse(string text) => double.Parse(text, CultureInfo.InvariantCulture);
    }
}
