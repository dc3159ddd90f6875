namespace NetFlow
{
    /// <summary>The process or the executable that a limit is for.</summary>
    public sealed class LimitTarget
    {
        private readonly string description;

        private LimitTarget(int? processId, string? path, string description)
        {
            ProcessId = processId;
            Path = path;
            this.description = description;
        }

        internal int? ProcessId { get; }

        internal string? Path { get; }

        /// <summary>The process id or path, which an error about the target names.</summary>
        internal object? Subject => ProcessId.HasValue ? (object)ProcessId.Value : Path;

        /// <summary>Describes the target in the question before a change.</summary>
        public override string ToString() => description;

        /// <summary>Returns the target for an id, even if its process has exited.</summary>
        internal static LimitTarget OfProcess(int id) => OfProcess(id, RunningProcess.NameOf(id));

        internal static LimitTarget OfProcess(int id, string? name) =>
            new LimitTarget(id, null, name == null ? $"process {id}" : $"process {id} ({name})");

        internal static LimitTarget OfPath(string path) => new LimitTarget(null, path, path);
    }
}
