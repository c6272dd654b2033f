/*
 * What Windows' loader measures (EV_EVENT_TAG): items of type, size and data, little-endian, of which some hold items
 * themselves. Names are those of the loader's, with "EVENT_" for "SIPAEVENT_"; which members an item has is known from
 * the queries of public policies alone. Items that no such query reads, and those whose members are not established
 * (RawData of policies and lists, application and module SVNs, the String of other HVCI policies and of driver load
 * policies, everything of DRTM, whose signature would have to be verified), are left out.
 * Sources: wbcl.h of the Windows SDK (types of items), the queries of public policies (members).
 */
#include "claims.h"

#define ITEM_HEAD 8u
#define DEPTH 4u /* of containers; three occur */
#define TRUST_BOUNDARY 0x40010001u

typedef enum shape {
    SHAPE_CONTAINER,
    SHAPE_BOOLEAN, /* one byte */
    SHAPE_VALUE,   /* {"Value": n}, of 4 or 8 bytes */
    SHAPE_HVCI,    /* the same with "String" for the one value whose name is known */
    SHAPE_TEXT     /* text of UTF-16 */
} shape;

static const struct item {
    uint32_t type;
    const char *name;
    shape shape;
} items[] = {
    { TRUST_BOUNDARY, "EVENT_TRUSTBOUNDARY", SHAPE_CONTAINER },
    { 0x40010003, "EVENT_LOADEDMODULE_AGGREGATION", SHAPE_CONTAINER },
    { 0x00020002, "EVENT_TRANSFER_CONTROL", SHAPE_VALUE },
    { 0x00020004, "EVENT_BITLOCKER_UNLOCK", SHAPE_VALUE },
    { 0x00040001, "EVENT_BOOTDEBUGGING", SHAPE_BOOLEAN },
    { 0x00050001, "EVENT_OSKERNELDEBUG", SHAPE_BOOLEAN },
    { 0x00050002, "EVENT_CODEINTEGRITY", SHAPE_BOOLEAN },
    { 0x00050003, "EVENT_TESTSIGNING", SHAPE_BOOLEAN },
    { 0x00050004, "EVENT_DATAEXECUTIONPREVENTION", SHAPE_VALUE },
    { 0x00050005, "EVENT_SAFEMODE", SHAPE_BOOLEAN },
    { 0x00050006, "EVENT_WINPE", SHAPE_BOOLEAN },
    { 0x00050021, "EVENT_FLIGHTSIGNING", SHAPE_BOOLEAN },
    { 0x00070001, "EVENT_FILEPATH", SHAPE_TEXT },
    { 0x0007000a, "EVENT_IMAGEVALIDATED", SHAPE_BOOLEAN },
    { 0x000a0001, "EVENT_VBS_VSM_REQUIRED", SHAPE_BOOLEAN },
    { 0x000a0003, "EVENT_VBS_IOMMU_REQUIRED", SHAPE_BOOLEAN },
    { 0x000a0006, "EVENT_VBS_MANDATORY_ENFORCEMENT", SHAPE_BOOLEAN },
    { 0x000a0007, "EVENT_VBS_HVCI_POLICY", SHAPE_HVCI },
};

#define ITEMS (sizeof(items) / sizeof(items[0]))

static azattest__json *container(azattest_bytes data, unsigned depth);

static const struct item *find_item(uint32_t type)
{
    for (size_t i = 0; i < ITEMS; i++)
        if (items[i].type == type)
            return &items[i];
    return NULL;
}

/* NULL when it is not of the size that its type has. */
static azattest__json *number(azattest_bytes data, bool hvci)
{
    const unsigned char *p = data.ptr;
    uint64_t value = data.len == 8 ? azattest__le64(p) : data.len == 4 ? azattest__le32(p) : UINT64_MAX;
    azattest__json *object;

    if (value > INT64_MAX)
        return NULL;
    object = azattest__json_new_object();
    if (hvci && value == 1)
        azattest__json_put_string(object, "String", "HypervisorEnforcedCodeIntegrityEnable");
    azattest__json_put_integer(object, "Value", (int64_t)value);
    return object;
}

/* Puts the item's value into an object; nothing when it is not as its type has it. */
static void put_value(azattest__json *object, const struct item *item, azattest_bytes data, unsigned depth)
{
    azattest__json *child = NULL;
    azattest__buf text;

    switch (item->shape) {
    case SHAPE_CONTAINER:
        child = depth == 0 ? NULL : container(data, depth - 1);
        break;
    case SHAPE_VALUE:
    case SHAPE_HVCI:
        child = number(data, item->shape == SHAPE_HVCI);
        break;
    case SHAPE_BOOLEAN:
        if (data.len == 1)
            azattest__json_put_bool(object, item->name, *(const unsigned char *)data.ptr != 0);
        break;
    case SHAPE_TEXT:
        azattest__buf_init(&text, 2 * data.len + 4);
        if (azattest__claims_utf16(data, &text))
            azattest__json_put_bytes_text(object, item->name,
                                          text.len == 0 ? azattest__text("") : azattest__buf_bytes(&text));
        azattest__buf_free(&text);
        break;
    }
    if (child != NULL)
        azattest__json_put(object, item->name, child);
}

/* Takes one item off the front; false at the end, or when what follows is none. */
static bool next_item(azattest_bytes *rest, uint32_t *type, azattest_bytes *data)
{
    const unsigned char *p = rest->ptr;
    uint32_t size;

    if (rest->len < ITEM_HEAD)
        return false;
    *type = azattest__le32(p);
    size = azattest__le32(p + 4);
    if (size > rest->len - ITEM_HEAD)
        return false;
    *data = azattest__bytes(p + ITEM_HEAD, size);
    *rest = azattest__bytes(p + ITEM_HEAD + size, rest->len - ITEM_HEAD - size);
    return true;
}

/* One of a type is the member itself, several are an array of them: queries flatten either. */
static void put_all(azattest__json *object, const struct item *item, azattest_bytes data, unsigned depth)
{
    azattest__json *list = azattest__json_new_array();
    azattest_bytes value;
    uint32_t type;

    while (next_item(&data, &type, &value)) {
        azattest__json *holder;

        if (type != item->type)
            continue;
        holder = azattest__json_new_object();
        put_value(holder, item, value, depth);
        if (azattest__json_first(holder) != NULL || !azattest__json_is_whole(holder)) /* without memory: NULL */
            azattest__json_add(list, azattest__json_copy(azattest__json_first(holder)));
        azattest__json_free(holder);
    }
    if (azattest__json_count(list) > 1 || !azattest__json_is_whole(list)) {
        azattest__json_put(object, item->name, list);
        return;
    }
    if (azattest__json_count(list) == 1)
        azattest__json_put(object, item->name, azattest__json_copy(azattest__json_first(list)));
    azattest__json_free(list);
}

/* NULL: it is not made of items to its end. */
static azattest__json *container(azattest_bytes data, unsigned depth)
{
    azattest__json *object;
    azattest_bytes rest = data, value;
    bool present[ITEMS] = { false };
    uint32_t type;

    while (next_item(&rest, &type, &value)) {
        const struct item *item = find_item(type);

        if (item != NULL)
            present[item - items] = true;
    }
    if (rest.len != 0)
        return NULL;
    object = azattest__json_new_object();
    for (size_t i = 0; i < ITEMS; i++)
        if (present[i])
            put_all(object, &items[i], data, depth);
    return object;
}

azattest__json *azattest__claims_windows_event(azattest_bytes data)
{
    return container(data, DEPTH);
}
