using System;
using System.Management.Automation;

namespace NetFlow
{
    /// <summary>Reports errors after which a cmdlet continues.</summary>
    internal static class CmdletErrors
    {
        /// <summary>Acts on each item; a failure is an error of the cmdlet, and doesn't keep it from the others.</summary>
        public static void ForEach<Item>(PSCmdlet cmdlet, Item[] items, Action<Item> act)
        {
            foreach (var item in items)
            {
                try
                {
                    act(item);
                }
                catch (NetFlowException error)
                {
                    cmdlet.WriteError(error.ErrorRecord);
                }
            }
        }
    }
}
