namespace NetFlow
{
    /// <summary>
    /// A path whose rule by a policy is not the one that is there. Rules are exact, as texts; one may be "no rule".
    /// </summary>
    public sealed class PolicyDifference
    {
        private string? line;

        public string? Path { get; set; }

        /// <summary>The policy's rule.</summary>
        public string? Expected { get; set; }

        /// <summary>The machine's rule.</summary>
        public string? Actual { get; set; }

        /// <summary>Describes the difference in a line, in words that fit what was asked.</summary>
        public override string ToString() => line ?? $"{Path}: {Expected}; {Actual}";

        internal static PolicyDifference Read(Table table, int row) => new PolicyDifference
        {
            Path = table.Text(row, 0),
            Expected = table.Text(row, 1),
            Actual = table.Text(row, 2),
            line = table.Text(row, 3),
        };
    }
}
