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
            var given = RateParameters.Where(parameters.ContainsKey).ToDictionary(name => name, name => Text(parameters[name]));
            var shared = parameters.TryGetValue("Shared", out var value) ? ((SwitchParameter)value).IsPresent : (bool?)null;
            return ReadRates(cmdlet, given) is Dictionary<string, long?> rates ? new LimitChange(rates, shared) : null;
        }

        /// <summary>
        /// Returns the change for an object from the pipeline, such as a row of a CSV file: its properties Upload,
        /// Download and Shared say what the parameters don't. An empty one says nothing. Returns null where nothing is
        /// left to change, or where a value is invalid, which is then an error of the cmdlet.
        /// </summary>
        /// <param name="cmdlet">$PSCmdlet of the function.</param>
        /// <param name="item">The object; null for none.</param>
        public LimitChange? For(PSCmdlet cmdlet, PSObject? item)
        {
            try
            {
                var own = item?.BaseObject is PSCustomObject ? ReadOwn(cmdlet, item) : this;
                if (own != null && own.rates.Count == 0 && !own.shared.HasValue) throw Nothing(item);
                return own;
            }
            catch (NetFlowException error)
            {
                cmdlet.WriteError(error.ErrorRecord);
                return null;
            }
        }

        private LimitChange? ReadOwn(PSCmdlet cmdlet, PSObject item)
        {
            string Own(string name) => item.Properties[name] is PSPropertyInfo property ? Text(property.Value) : string.Empty;
            var missing = RateParameters.Where(name => !rates.ContainsKey(name) && Own(name).Length > 0).ToDictionary(name => name, Own);
            if (!(ReadRates(cmdlet, missing) is Dictionary<string, long?> read)) return null;
            foreach (var rate in rates) read[rate.Key] = rate.Value;
            var saysRates = RateParameters.Any(name => item.Properties[name] != null);
            return new LimitChange(read, shared ?? (saysRates ? Truth(Own("Shared"), item) : null));
        }

        private static Dictionary<string, long?>? ReadRates(PSCmdlet cmdlet, Dictionary<string, string> texts)
        {
            var names = RateParameters.Where(texts.ContainsKey).ToArray();
            if (names.Length == 0) return new Dictionary<string, long?>();
            using (var call = new Call(Request.Rates, Payload.Encode(names.Select(name => texts[name]).ToArray()), Decode.Rates))
            {
                if (!call.WaitFor(cmdlet)) return null;
                var read = (long?[])call.Take()!;
                return names.Zip(read, (name, rate) => (name, rate)).ToDictionary(pair => pair.name, pair => pair.rate);
            }
        }

        /// <summary>Reads the words of a policy file.</summary>
        private static bool? Truth(string text, PSObject item)
        {
            switch (text.Trim().ToLowerInvariant())
            {
                case "": return null;
                case "true": case "yes": case "1": return true;
                case "false": case "no": case "0": return false;
                default: throw new NetFlowException("INVALID_ARGUMENT", $"Shared is {text}: write true or false.", item);
            }
        }

        private static NetFlowException Nothing(object? item) => new NetFlowException(
            "INVALID_ARGUMENT", "Nothing to change: give Upload or Download, which may be 'none', or Shared.", item);

        /// <summary>Describes the change in the question before it.</summary>
        public override string ToString()
        {
            var words = RateParameters
                .Where(rates.ContainsKey)
                .Select(name => $"{name.ToLowerInvariant()} {Units.FormatRate(rates[name])}");
            var kind = shared == true ? new[] { "shared" } : shared == false ? new[] { "for each process" } : Array.Empty<string>();
            return "Limit the bandwidth: " + string.Join(", ", words.Concat(kind));
        }

        /// <summary>
        /// Returns a number in full, in any culture. Null is no rate: a variable that was never set lifts no limit.
        /// </summary>
        private static string Text(object? value)
        {
            switch (value is PSObject wrapped ? wrapped.BaseObject : value)
            {
                case null: return string.Empty;
                case double number when Math.Abs(number) < 1e28: return ((decimal)number).ToString(CultureInfo.InvariantCulture);
                case IFormattable number: return number.ToString(null, CultureInfo.InvariantCulture);
                case object other: return other.ToString() ?? string.Empty;
            }
        }
    }
}
