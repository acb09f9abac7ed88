// The filter that runs in the kernel, so that only what may concern TCP on the wanted ports is copied at all (classic BPF: linux/filter.h).
// Positions are relative to the network header, so it is the same for all kinds of links. What it cannot judge cheaply it lets through: later
// fragments, extension headers, tunnels, tags; the layers above look again.
namespace Godwit.Capture.Live;

internal static class KernelFilter
{
    /// <summary>More ports would need jumps that are farther than an instruction can say.</summary>
    public const int MaxPorts = 16;

    private const uint Everything = 0x40000;
    private const uint Network = unchecked((uint)-0x100000), Protocol = unchecked((uint)-0x1000);
    private const int LoadHalf = 0x28, LoadByte = 0x30, LoadHalfIndexed = 0x48, And = 0x54, ShiftLeft = 0x64, ToIndex = 0x07, JumpIfEqual = 0x15, JumpIfSet = 0x45, Return = 0x06;

    private enum Target
    {
        Next,
        Accept,
        Reject,
        IPv4,
        IPv6,
    }

    private readonly record struct Step(int Code, uint Operand, Target IfTrue = Target.Next, Target IfFalse = Target.Next);

    /// <summary>Makes the program.</summary>
    /// <param name="ports">TCP ports of one of the ends; none = all of TCP.</param>
    public static PacketLib.FilterInstruction[] Make(IReadOnlyCollection<int> ports)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ports.Count, MaxPorts);
        List<Step> start = [new(LoadHalf, Protocol), .. Any(Target.IPv4, 0x0800), .. Any(Target.IPv6, 0x86dd),
            .. Any(Target.Accept, 0x8100, 0x88a8, 0x8847, 0x8864), new(Return, 0)];

        List<Step> v4 = [new(LoadByte, Network + 9), .. Any(Target.Accept, 4, 41), new(JumpIfEqual, 6, Target.Next, Target.Reject)];
        List<Step> v6 = [new(LoadByte, Network + 6), .. Any(Target.Accept, 0, 43, 44, 60, 51, 4, 41), new(JumpIfEqual, 6, Target.Next, Target.Reject)];
        if (ports.Count > 0)
        {
            uint[] wanted = [.. ports.Select(port => (uint)port)];
            v4.AddRange([new(LoadHalf, Network + 6), new(JumpIfSet, 0x1fff, Target.Accept), new(LoadByte, Network), new(And, 0x0f), new(ShiftLeft, 2), new(ToIndex, 0),
                new(LoadHalfIndexed, Network), .. Any(Target.Accept, wanted), new(LoadHalfIndexed, Network + 2), .. Any(Target.Accept, wanted), new(Return, 0)]);
            v6.AddRange([new(LoadHalf, Network + 40), .. Any(Target.Accept, wanted), new(LoadHalf, Network + 42), .. Any(Target.Accept, wanted), new(Return, 0)]);
        }
        return Link([.. start, .. v6, new(Return, Everything), .. v4, new(Return, Everything), new(Return, 0)], start.Count, start.Count + v6.Count + 1);
    }

    private static IEnumerable<Step> Any(Target target, params uint[] values) => values.Select(value => new Step(JumpIfEqual, value, target));

    private static PacketLib.FilterInstruction[] Link(List<Step> steps, int v6, int v4)
    {
        return [.. steps.Select((step, index) => new PacketLib.FilterInstruction
        {
            Code = (ushort)step.Code,
            Operand = step.Operand,
            IfTrue = Distance(step.IfTrue, index),
            IfFalse = Distance(step.IfFalse, index),
        })];

        byte Distance(Target target, int index) => target switch
        {
            Target.Next => 0,
            Target.IPv4 => (byte)(v4 - index - 1),
            Target.IPv6 => (byte)(v6 - index - 1),
            Target.Accept => checked((byte)(steps.Count - 2 - index - 1)),
            _ => checked((byte)(steps.Count - 1 - index - 1)),
        };
    }
}
