/* The C peer: the synchronous client of Paho C 1.3. Scenarios, keys and output: ../README.md. */
#include <MQTTClient.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILTERS = 2000, TIMEOUT_MS = 20000 };

static int argument_count;
static char **arguments;
static int version;
static int until = -1;
static int messages;
static int is_done;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t done = PTHREAD_COND_INITIALIZER;

/* The value of the first `key=value` from a position on; moves the position behind it. */
static char *next_value(const char *key, int *position) {
    size_t length = strlen(key);
    while (*position < argument_count) {
        char *argument = arguments[(*position)++];
        if (strncmp(argument, key, length) == 0 && argument[length] == '=') return argument + length + 1;
    }
    return NULL;
}

static char *text(const char *key) {
    int position = 2;
    return next_value(key, &position);
}

static int number(const char *key, int otherwise) {
    char *value = text(key);
    return value ? (int)strtoul(value, NULL, 10) : otherwise;
}

static void show(const char *format, ...) {
    va_list values;
    va_start(values, format);
    pthread_mutex_lock(&lock);
    vprintf(format, values);
    putchar('\n');
    fflush(stdout);
    pthread_mutex_unlock(&lock);
    va_end(values);
}

static void finish(void) {
    pthread_mutex_lock(&lock);
    is_done = 1;
    pthread_cond_signal(&done);
    pthread_mutex_unlock(&lock);
}

static void wait_until_done(void) {
    pthread_mutex_lock(&lock);
    while (!is_done) pthread_cond_wait(&done, &lock);
    pthread_mutex_unlock(&lock);
}

static void add_number(MQTTProperties *properties, enum MQTTPropertyCodes id, const char *key) {
    if (!text(key)) return;
    MQTTProperty property = {.identifier = id};
    switch (MQTTProperty_getType(id)) {
        case MQTTPROPERTY_TYPE_BYTE: property.value.byte = (unsigned char)number(key, 0); break;
        case MQTTPROPERTY_TYPE_TWO_BYTE_INTEGER: property.value.integer2 = (unsigned short)number(key, 0); break;
        default: property.value.integer4 = (unsigned)number(key, 0); break;
    }
    MQTTProperties_add(properties, &property);
}

static void add_text(MQTTProperties *properties, enum MQTTPropertyCodes id, const char *key) {
    char *value = text(key);
    if (!value) return;
    MQTTProperty property = {.identifier = id};
    property.value.data.data = value;
    property.value.data.len = (int)strlen(value);
    MQTTProperties_add(properties, &property);
}

static void add_user_properties(MQTTProperties *properties) {
    char *pair;
    for (int position = 2; (pair = next_value("property", &position));) {
        char *colon = strchr(pair, ':');
        MQTTProperty property = {.identifier = MQTTPROPERTY_CODE_USER_PROPERTY};
        property.value.data.data = pair;
        property.value.data.len = (int)(colon - pair);
        property.value.value.data = colon + 1;
        property.value.value.len = (int)strlen(colon + 1);
        MQTTProperties_add(properties, &property);
    }
}

static void print_text(MQTTProperties *properties, enum MQTTPropertyCodes id, const char *name) {
    MQTTProperty *property = MQTTProperties_getProperty(properties, id);
    if (property) printf("\t%s=%.*s", name, property->value.data.len, property->value.data.data);
}

static int on_message(void *context, char *topic, int topic_length, MQTTClient_message *message) {
    static const char digits[] = "0123456789abcdef";
    (void)context;
    (void)topic_length;
    pthread_mutex_lock(&lock);
    printf("MESSAGE\t%s\t%d\t%d\t", topic, message->qos, message->retained);
    for (int i = 0; i < message->payloadlen; i++) {
        unsigned char byte = ((unsigned char *)message->payload)[i];
        putchar(digits[byte >> 4]);
        putchar(digits[byte & 15]);
    }
    MQTTProperties *properties = &message->properties;
    print_text(properties, MQTTPROPERTY_CODE_CONTENT_TYPE, "content-type");
    print_text(properties, MQTTPROPERTY_CODE_RESPONSE_TOPIC, "response");
    print_text(properties, MQTTPROPERTY_CODE_CORRELATION_DATA, "correlation");
    if (MQTTProperties_hasProperty(properties, MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL))
        printf("\texpiry=%d", MQTTProperties_getNumericValue(properties, MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL));
    int identifiers = MQTTProperties_propertyCount(properties, MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIER);
    for (int i = 0; i < identifiers; i++)
        printf("%s%d", i == 0 ? "\tsubscription-id=" : ",",
            MQTTProperties_getNumericValueAt(properties, MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIER, i));
    int pairs = MQTTProperties_propertyCount(properties, MQTTPROPERTY_CODE_USER_PROPERTY);
    for (int i = 0; i < pairs; i++) {
        MQTTProperty *pair = MQTTProperties_getPropertyAt(properties, MQTTPROPERTY_CODE_USER_PROPERTY, i);
        printf("%s%.*s:%.*s", i == 0 ? "\tproperty=" : " ", pair->value.data.len, pair->value.data.data,
            pair->value.value.len, pair->value.value.data);
    }
    putchar('\n');
    fflush(stdout);
    int is_last = ++messages == until;
    pthread_mutex_unlock(&lock);
    MQTTClient_freeMessage(&message);
    MQTTClient_free(topic);
    if (is_last) finish();
    return 1;
}

static void on_connection_lost(void *context, char *cause) {
    (void)context;
    (void)cause;
    show("DISCONNECTED\t1");
    exit(1);
}

static void on_disconnect(void *context, MQTTProperties *properties, enum MQTTReasonCodes code) {
    (void)context;
    (void)properties;
    show("DISCONNECTED\t%d", code);
    exit(1);
}

static int worst_code;

static void on_published(void *context, int token, int packet_type, MQTTProperties *properties, enum MQTTReasonCodes code) {
    (void)context;
    (void)token;
    (void)packet_type;
    (void)properties;
    if ((int)code > worst_code) worst_code = (int)code;
}

static int connect_to_broker(MQTTClient client) {
    MQTTClient_connectOptions v3 = MQTTClient_connectOptions_initializer;
    MQTTClient_connectOptions v5 = MQTTClient_connectOptions_initializer5;
    MQTTClient_connectOptions options = version == 5 ? v5 : v3;
    MQTTClient_willOptions will = MQTTClient_willOptions_initializer;
    MQTTProperties properties = MQTTProperties_initializer, will_properties = MQTTProperties_initializer;
    options.MQTTVersion = version;
    options.keepAliveInterval = number("keepalive", 60);
    options.reliable = 0; /* more than one message on the way */
    options.maxInflightMessages = 65535;
    options.username = text("user");
    options.password = text("password");
    if (version == 5) options.cleanstart = number("clean", 1);
    else options.cleansession = number("clean", 1);
    if (text("will-topic")) {
        will.topicName = text("will-topic");
        will.message = text("will-payload") ? text("will-payload") : "";
        will.qos = number("will-qos", 0);
        will.retained = number("will-retain", 0);
        options.will = &will;
    }
    int code;
    if (version == 5) {
        add_number(&properties, MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, "session-expiry");
        add_number(&properties, MQTTPROPERTY_CODE_TOPIC_ALIAS_MAXIMUM, "topic-alias-maximum");
        add_number(&will_properties, MQTTPROPERTY_CODE_WILL_DELAY_INTERVAL, "will-delay");
        MQTTResponse response = MQTTClient_connect5(client, &options, &properties, options.will ? &will_properties : NULL);
        code = (int)response.reasonCode;
        MQTTResponse_free(response);
    } else {
        code = MQTTClient_connect(client, &options);
    }
    show("CONNECTED\t%d\t%d", code, code == 0 ? options.returned.sessionPresent : 0);
    return code;
}

/* A copy of the text with each {i} replaced by the number. */
static char *numbered(const char *pattern, int i) {
    char *copy = malloc(strlen(pattern) * 4 + 1), *end = copy;
    while (*pattern) {
        if (strncmp(pattern, "{i}", 3) == 0) {
            end += sprintf(end, "%d", i);
            pattern += 3;
        } else {
            *end++ = *pattern++;
        }
    }
    *end = 0;
    return copy;
}

static char *read_file(const char *path, int *length) {
    FILE *file = fopen(path, "rb");
    if (!file) exit(2);
    fseek(file, 0, SEEK_END);
    *length = (int)ftell(file);
    rewind(file);
    char *content = malloc((size_t)*length);
    if (fread(content, 1, (size_t)*length, file) != (size_t)*length) exit(2);
    fclose(file);
    return content;
}

static int publish(MQTTClient client) {
    int count = number("count", 1), has_alias = text("alias") != NULL, code = 0;
    MQTTClient_deliveryToken *tokens = calloc((size_t)count, sizeof *tokens);
    for (int i = 0; i < count && code == 0; i++) {
        MQTTClient_message message = MQTTClient_message_initializer;
        char *topic = numbered(has_alias && i > 0 ? "" : text("topic"), i);
        if (text("file")) {
            message.payload = read_file(text("file"), &message.payloadlen);
        } else {
            message.payload = numbered(text("payload") ? text("payload") : "", i);
            message.payloadlen = (int)strlen(message.payload);
        }
        message.qos = number("qos", 0);
        message.retained = number("retain", 0);
        if (version == 5) {
            add_text(&message.properties, MQTTPROPERTY_CODE_CONTENT_TYPE, "content-type");
            add_text(&message.properties, MQTTPROPERTY_CODE_RESPONSE_TOPIC, "response");
            add_text(&message.properties, MQTTPROPERTY_CODE_CORRELATION_DATA, "correlation");
            add_number(&message.properties, MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL, "expiry");
            add_number(&message.properties, MQTTPROPERTY_CODE_TOPIC_ALIAS, "alias");
            add_user_properties(&message.properties);
            MQTTResponse response = MQTTClient_publishMessage5(client, topic, &message, &tokens[i]);
            code = (int)response.reasonCode;
            MQTTResponse_free(response);
        } else {
            code = MQTTClient_publishMessage(client, topic, &message, &tokens[i]);
        }
        MQTTProperties_free(&message.properties);
        free(message.payload);
        free(topic);
    }
    for (int i = 0; i < count && code == 0; i++) code = MQTTClient_waitForCompletion(client, tokens[i], TIMEOUT_MS);
    free(tokens);
    if (code == 0 && worst_code >= 0x80) code = worst_code;
    show("PUBLISHED\t%d", code);
    return code;
}

static int subscribe(MQTTClient client) {
    static char *filters[MAX_FILTERS];
    static int codes[MAX_FILTERS];
    static MQTTSubscribe_options options[MAX_FILTERS];
    static char list[MAX_FILTERS * 4 + 1];
    int count = 0, position = 2, failed = 0;
    char *filter;
    while (count < MAX_FILTERS && (filter = next_value("filter", &position))) {
        MQTTSubscribe_options option = MQTTSubscribe_options_initializer;
        option.noLocal = (unsigned char)number("no-local", 0);
        option.retainAsPublished = (unsigned char)number("retain-as-published", 0);
        option.retainHandling = (unsigned char)number("retain-handling", 0);
        options[count] = option;
        codes[count] = number("qos", 0);
        filters[count++] = filter;
    }
    if (count == 0) return 0;
    if (version == 5) {
        MQTTProperties properties = MQTTProperties_initializer;
        add_number(&properties, MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIER, "subscription-id");
        MQTTResponse response = MQTTClient_subscribeMany5(client, count, filters, codes, options, &properties);
        /* There is no list when there is one code only. */
        for (int i = 0; i < count; i++) codes[i] = (int)(response.reasonCodes ? response.reasonCodes[i] : response.reasonCode);
        MQTTResponse_free(response);
    } else {
        MQTTClient_subscribeMany(client, count, filters, codes);
    }
    char *end = list;
    for (int i = 0; i < count; i++) {
        end += sprintf(end, "%s%d", i ? "," : "", codes[i]);
        failed |= codes[i] >= 0x80;
    }
    show("SUBSCRIBED\t%s", list);
    return failed;
}

int main(int argc, char **argv) {
    argument_count = argc;
    arguments = argv;
    version = number("version", 4);
    until = number("until", -1);

    char uri[64];
    snprintf(uri, sizeof uri, "tcp://127.0.0.1:%d", number("port", 1883));
    MQTTClient client;
    MQTTClient_createOptions options = MQTTClient_createOptions_initializer;
    options.MQTTVersion = version;
    if (MQTTClient_createWithOptions(&client, uri, text("id") ? text("id") : "", MQTTCLIENT_PERSISTENCE_NONE, NULL, &options) != 0) return 2;
    if (strcmp(argv[1], "subscribe") == 0) MQTTClient_setCallbacks(client, NULL, on_connection_lost, on_message, NULL);
    if (version == 5) {
        MQTTClient_setDisconnected(client, NULL, on_disconnect);
        MQTTClient_setPublished(client, NULL, on_published);
    }

    int failed = connect_to_broker(client);
    if (failed) return 1;
    if (strcmp(argv[1], "publish") == 0) {
        failed = publish(client);
    } else if (strcmp(argv[1], "subscribe") == 0) {
        failed = subscribe(client);
        if (until != 0 && !failed) wait_until_done();
    }
    MQTTClient_disconnect(client, TIMEOUT_MS);
    MQTTClient_destroy(&client);
    return failed ? 1 : 0;
}
