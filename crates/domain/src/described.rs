//! Checked texts as the OpenAPI document describes them: a pattern or a format, and an example. What they mean is their own business.

/// Describes a type that is a text of a certain form on the wire.
macro_rules! described {
    ($name:ident, $schema:expr) => {
        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $schema.into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}
    };
}

pub(crate) use described;

#[cfg(feature = "openapi")]
pub(crate) use texts::{format, pattern};

#[cfg(feature = "openapi")]
mod texts {
    use utoipa::openapi::schema::Type;
    use utoipa::openapi::{KnownFormat, Object, ObjectBuilder, SchemaFormat};

    /// A text that this regular expression describes as a whole.
    pub(crate) fn pattern(pattern: &str, example: &str) -> Object {
        text(example).pattern(Some(pattern)).build()
    }

    /// A text of a format that JSON Schema knows.
    pub(crate) fn format(format: KnownFormat, example: &str) -> Object {
        text(example).format(Some(SchemaFormat::KnownFormat(format))).build()
    }

    fn text(example: &str) -> ObjectBuilder {
        ObjectBuilder::new().schema_type(Type::String).examples([example])
    }
}
