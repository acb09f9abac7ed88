using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace Godwit.Protocol.Tests.RoundTrips;

/// <summary>Property-based tests that give the same values on every run.</summary>
internal static class Properties
{
    public static void Hold<T>(Gen<T> generator, int count, Action<T> assertion)
    {
        var replay = new Replay(new Rnd(20_141_029, 20_190_307), FSharpOption<int>.None);
        Config config = Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(FSharpOption<Replay>.Some(replay));
        Check.One(config, Prop.ForAll(generator.ToArbitrary(), assertion));
    }
}
