namespace NetFlow
{
    /// <summary>Starts this shell's host, which all of its runspaces share, when it is needed.</summary>
    internal static class Hosts
    {
        private static readonly object Gate = new object();
        private static string root = string.Empty;
        private static Host? current;

        /// <summary>The host's process id; 0 if none runs.</summary>
        public static int ProcessId
        {
            get
            {
                lock (Gate) return current == null || current.HasExited ? 0 : current.ProcessId;
            }
        }

        /// <summary>Says where the module is. Another version of it has a host of its own.</summary>
        public static void SetRoot(string moduleRoot)
        {
            lock (Gate)
            {
                if (root != moduleRoot) Close();
                root = moduleRoot;
            }
        }

        /// <summary>Starts a host if none runs; the first call reports why that fails.</summary>
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

        /// <summary>Begins a call on the host, which is started if none runs; throws HOST_NOT_STARTED.</summary>
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
