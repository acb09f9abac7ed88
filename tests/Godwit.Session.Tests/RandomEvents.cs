using FsCheck;
using FsCheck.Fluent;

namespace Godwit.Session.Tests;

/// <summary>Runs a test on many random scripts, one byte an event; a script that fails is shrunk. The same scripts in every run.</summary>
internal static class RandomEvents
{
    public static void Check(Action<byte[]> run, int scripts = 300, int longest = 600)
    {
        Config config = Config.QuickThrowOnFailure.WithReplay(20_240_229, 5).WithMaxTest(scripts).WithEndSize(longest);
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), run).Check(config);
    }
}
