namespace NetFlow
{
    public sealed partial class DriverRequirement
    {
        public override string ToString() => Name + (Ok ? string.Empty : " (missing)");
    }
}
