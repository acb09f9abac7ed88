using Godwit.Protocol;

namespace Godwit.Protocol.Tests.Models;

/// <summary>One property as a plain value.</summary>
internal sealed record PropertyModel(PropertyId Id, uint Number, Bytes Name, Bytes Value)
{
    public PropertyModel(PropertyId id, uint number) : this(id, number, default, default) { }

    public PropertyModel(PropertyId id, Bytes value) : this(id, 0, default, value) { }

    public static PropertyModel User(Bytes name, Bytes value) => new(PropertyId.UserProperty, 0, name, value);

    public static Items<PropertyModel> Read(MqttProperties properties)
    {
        var items = new Items<PropertyModel>();
        foreach (MqttProperty property in properties)
            items.Add(new PropertyModel(property.Id, property.Number, new Bytes(property.Name), new Bytes(property.Value)));
        return items;
    }

    /// <summary>The properties as the codec's own writer encodes them.</summary>
    public static byte[] Write(Items<PropertyModel> properties)
    {
        var writer = new PropertyWriter(new byte[8192]);
        foreach (PropertyModel property in properties)
        {
            switch (PropertyInfo.Of(property.Id).Type)
            {
                case PropertyType.Utf8StringPair: writer.AddUserProperty(property.Name.Span, property.Value.Span); break;
                case PropertyType.Utf8String or PropertyType.BinaryData: writer.Add(property.Id, property.Value.Span); break;
                default: writer.Add(property.Id, property.Number); break;
            }
        }
        return writer.Written.Encoded.ToArray();
    }
}
