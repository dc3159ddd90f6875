namespace NetFlow
{
    /// <summary>The host of this shell, one for all of its runspaces, started when it is needed.</summary>
    internal static class Hosts
    {
        private static readonly object Gate = new object();
        private static string root = string.Empty;
        private static Host? current;

        /// <summary>0 where none runs.</summary>
        public static int ProcessId
        {
            get
            {
                lock (Gate) return current == null || current.HasExited ? 0 : current.ProcessId;
            }
        }

        public static void SetRoot(string moduleRoot)
        {
            lock (Gate) root = moduleRoot;
        }

        /// <summary>Starts a host where none runs, and leaves it to the first call to say why there is none.</summary>
        public static void Start()
        {
            try
            {
                ForCall().EndCall();
            }
            catch (NetFlowException)
            {
            }
        }

        /// <summary>A host that waits for the call to end, started where none runs; throws HOST_NOT_STARTED.</summary>
        public static Host ForCall()
        {
            lock (Gate)
            {
                if (current != null && current.BeginCall()) return current;
                current = Host.Start(root);
                current.BeginCall();
                return current;
            }
        }

        public static void Close()
        {
            lock (Gate)
            {
                current?.Retire();
                current = null;
            }
        }
    }
}
