//! The answer of an ability that made something: its status, its address and its view.

use api::Creation;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Something that was just made.
pub struct Created<T>(pub T);

impl<T: Creation> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::CREATED);
        let location = self.0.location().and_then(|location| HeaderValue::from_str(&location).ok());
        let mut response = (status, Json(self.0)).into_response();
        if let Some(location) = location {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}
