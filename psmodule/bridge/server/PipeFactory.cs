using System.IO.Pipes;
#if NETFRAMEWORK
using System.Security.AccessControl;
using System.Security.Principal;
#endif

namespace NetFlow.Server
{
    /// <summary>Makes pipes that no other user can open, as Node.js's own can't be made.</summary>
    internal static class PipeFactory
    {
#if NETFRAMEWORK
        /// <summary>Allows elevated administrators and the owner of this process, on this machine.</summary>
        public static NamedPipeServerStream Create(string name)
        {
            var security = new PipeSecurity();
            var remote = new SecurityIdentifier(WellKnownSidType.NetworkSid, null);
            security.AddAccessRule(new PipeAccessRule(remote, PipeAccessRights.FullControl, AccessControlType.Deny));
            var administrators = new SecurityIdentifier(WellKnownSidType.BuiltinAdministratorsSid, null);
            security.AddAccessRule(new PipeAccessRule(administrators, PipeAccessRights.FullControl, AccessControlType.Allow));
            using (var owner = WindowsIdentity.GetCurrent())
            {
                security.AddAccessRule(new PipeAccessRule(owner.User, PipeAccessRights.FullControl, AccessControlType.Allow));
            }
            return new NamedPipeServerStream(
                name,
                PipeDirection.InOut,
                NamedPipeServerStream.MaxAllowedServerInstances,
                PipeTransmissionMode.Byte,
                PipeOptions.Asynchronous,
                inBufferSize: 0,
                outBufferSize: 0,
                security);
        }
#else
        /// <summary>Refuses connections of other users, whom the kernel identifies.</summary>
        public static NamedPipeServerStream Create(string name) => new NamedPipeServerStream(
            name,
            PipeDirection.InOut,
            NamedPipeServerStream.MaxAllowedServerInstances,
            PipeTransmissionMode.Byte,
            PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
#endif
    }
}
