using System.Linq;

namespace NetFlow
{
    /// <summary>Writes values as they can stand in a command line.</summary>
    internal static class Completion
    {
        /// <summary>Puts a text in quotation marks where a shell would read it as something else.</summary>
        public static string Quoted(string text) =>
            text.All(character => char.IsLetterOrDigit(character) || "-_./\\:".IndexOf(character) >= 0)
                ? text
                : "'" + text.Replace("'", "''") + "'";
    }
}
