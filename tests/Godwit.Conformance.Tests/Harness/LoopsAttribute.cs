using System.Reflection;
using Xunit.Sdk;

namespace Godwit.Conformance.Tests.Harness;

/// <summary>Runs a theory on a broker of one loop, and on one of three, where clients and sessions talk across loops.</summary>
public sealed class LoopsAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[1], [3]];
}
