// edge-js imports the compiler's namespace although it compiles without it.
namespace Microsoft.CodeAnalysis.CSharp.Syntax
{
    internal static class NoCompiler { }
}
