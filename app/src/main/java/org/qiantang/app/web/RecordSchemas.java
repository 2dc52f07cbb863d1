package org.qiantang.app.web;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.core.util.Json;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.Schema;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springframework.stereotype.Component;

/**
 * Describes records as they are: every component is there, and null exactly where it is {@link Nullable}; in a request what may be null
 * may be left out. A record within a record is named after both, and no two types share a name.
 */
@Component
final class RecordSchemas implements ModelConverter, OpenApiCustomizer {
    private final Map<String, Class<?>> records = new ConcurrentHashMap<>();

    @Override
    public @Nullable Schema<?> resolve(
            AnnotatedType type, ModelConverterContext context, Iterator<ModelConverter> chain) {
        Class<?> raw = Json.mapper().constructType(type.getType()).getRawClass();
        if (raw.isRecord()) {
            String name = name(raw);
            Class<?> other = records.put(name, raw);
            if (other != null && other != raw) {
                throw new IllegalStateException(
                        "The API description has two types called " + name + ": " + other + " and " + raw);
            }
            type.setName(name);
        }
        return chain.hasNext() ? chain.next().resolve(type, context, chain) : null;
    }

    @Override
    public void customise(OpenAPI api) {
        Map<String, Schema> schemas = api.getComponents().getSchemas();
        Set<String> requests = ConcurrentHashMap.newKeySet();
        api.getPaths().values().stream()
                .flatMap(path -> path.readOperations().stream())
                .map(Operation::getRequestBody)
                .filter(body -> body != null)
                .flatMap(body -> body.getContent().values().stream())
                .map(content -> content.getSchema().get$ref())
                .filter(reference -> reference != null)
                .forEach(requests::add);
        schemas.forEach((name, schema) -> {
            Class<?> type = records.get(name);
            if (type != null) {
                List<String> required = new ArrayList<>();
                describe(schema, type, required, requests.contains("#/components/schemas/" + name));
                schema.setRequired(required);
            }
        });
    }

    private static void describe(Schema<?> schema, Class<?> type, List<String> required, boolean request) {
        for (RecordComponent component : type.getRecordComponents()) {
            String name = component.getName();
            Schema<?> property = schema.getProperties().get(name);
            if (component.getAccessor().isAnnotationPresent(JsonUnwrapped.class)) {
                describe(schema, component.getType(), required, request);
            } else if (property != null) {
                schema.getProperties().put(name, described(property, component.getAnnotatedType()));
                if (!request || !isNullable(component.getAnnotatedType())) {
                    required.add(name);
                }
            }
        }
    }

    /** The schema of a value of this type, values within lists and maps included. */
    private static Schema<?> described(Schema<?> schema, java.lang.reflect.AnnotatedType type) {
        if (type instanceof AnnotatedParameterizedType parameterized) {
            java.lang.reflect.AnnotatedType[] arguments = parameterized.getAnnotatedActualTypeArguments();
            java.lang.reflect.AnnotatedType last = arguments[arguments.length - 1];
            if (schema.getItems() != null) {
                schema.setItems(described(schema.getItems(), last));
            } else if (schema.getAdditionalProperties() instanceof Schema<?> values) {
                schema.setAdditionalProperties(described(values, last));
            }
        }
        return isNullable(type)
                ? new JsonSchema().anyOf(List.of(schema, new JsonSchema().types(Set.of("null"))))
                : schema;
    }

    private static boolean isNullable(java.lang.reflect.AnnotatedType type) {
        return type.isAnnotationPresent(Nullable.class);
    }

    private static String name(Class<?> type) {
        Class<?> within = type.getEnclosingClass();
        return within != null && within.isRecord() ? name(within) + type.getSimpleName() : type.getSimpleName();
    }
}
