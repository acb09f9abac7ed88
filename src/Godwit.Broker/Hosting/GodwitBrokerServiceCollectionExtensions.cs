using Godwit.Broker;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Hosts the broker in any .NET application.</summary>
public static class GodwitBrokerServiceCollectionExtensions
{
    /// <summary>
    /// Adds an MQTT broker that starts and stops with the host. <see cref="MqttBroker"/> can then be asked for wherever services are
    /// injected.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the default options; gets the service provider, to look up an authenticator for example.</param>
    public static IServiceCollection AddGodwitBroker(this IServiceCollection services, Func<IServiceProvider, BrokerOptions, BrokerOptions>? configure = null)
    {
        services.AddSingleton(provider => new MqttBroker(
            configure?.Invoke(provider, new BrokerOptions()) ?? new BrokerOptions(),
            provider.GetService<ILoggerFactory>(),
            provider.GetService<TimeProvider>()));
        services.AddHostedService<HostedBroker>();
        return services;
    }

    private sealed class HostedBroker(MqttBroker broker) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => broker.StartAsync(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => broker.StopAsync();
    }
}
