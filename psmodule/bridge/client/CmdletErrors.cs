using System;
using System.Management.Automation;

namespace NetFlow
{
    /// <summary>Errors that a cmdlet reports and goes on after.</summary>
    internal static class CmdletErrors
    {
        /// <summary>Goes through all of them; what fails is an error of the cmdlet, and the rest goes on.</summary>
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
