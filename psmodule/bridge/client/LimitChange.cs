using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;

namespace NetFlow
{
    /// <summary>A change of a limit; what it doesn't give stays as it was.</summary>
    public sealed class LimitChange
    {
        private static readonly string[] RateParameters = { "Upload", "Download" };

        private readonly Dictionary<string, long?> rates;
        private readonly bool? shared;

        private LimitChange(Dictionary<string, long?> rates, bool? shared)
        {
            this.rates = rates;
            this.shared = shared;
        }

        /// <summary>For each rate whether it is given, and bytes per second or null; and whether it is shared, or null.</summary>
        internal double[] Cells =>
            RateParameters
                .SelectMany(name => rates.TryGetValue(name, out var rate) ? new[] { 1, rate ?? double.NaN } : new[] { 0, double.NaN })
                .Concat(new[] { shared.HasValue ? Convert.ToDouble(shared.Value) : double.NaN })
                .ToArray();

        /// <summary>
        /// Reads a function's parameters Upload, Download and Shared. The host reads the rates, so that they have the same
        /// meaning everywhere. Returns null for an invalid one, which is then an error of the cmdlet.
        /// </summary>
        /// <param name="cmdlet">$PSCmdlet of the function.</param>
        public static LimitChange? Read(PSCmdlet cmdlet)
        {
            var parameters = cmdlet.MyInvocation.BoundParameters;
            var names = RateParameters.Where(parameters.ContainsKey).ToArray();
            var shared = parameters.TryGetValue("Shared", out var given) ? ((SwitchParameter)given).IsPresent : (bool?)null;
            if (names.Length == 0) return new LimitChange(new Dictionary<string, long?>(), shared);
            using (var call = new Call(Request.Rates, Payload.Encode(names.Select(name => Text(parameters[name])).ToArray()), Decode.Rates))
            {
                if (!call.WaitFor(cmdlet)) return null;
                var read = (long?[])call.Take()!;
                return new LimitChange(names.Zip(read, (name, rate) => (name, rate)).ToDictionary(pair => pair.name, pair => pair.rate), shared);
            }
        }

        /// <summary>Describes the change in the question before it.</summary>
        public override string ToString()
        {
            var words = RateParameters
                .Where(rates.ContainsKey)
                .Select(name => $"{name.ToLowerInvariant()} {Units.FormatRate(rates[name])}");
            var kind = shared == true ? new[] { "shared" } : shared == false ? new[] { "for each process" } : Array.Empty<string>();
            return "Limit the bandwidth: " + string.Join(", ", words.Concat(kind));
        }

        /// <summary>Returns a number in full, in any culture, and `none` for null, which a limit has if there is none.</summary>
        private static string Text(object? value)
        {
            switch (value is PSObject wrapped ? wrapped.BaseObject : value)
            {
                case null: return "none";
                case double number when Math.Abs(number) < 1e28: return ((decimal)number).ToString(CultureInfo.InvariantCulture);
                case IFormattable number: return number.ToString(null, CultureInfo.InvariantCulture);
                case object other: return other.ToString() ?? string.Empty;
            }
        }
    }
}
