//! A posted form, and the way back to the page.

use axum::{
    extract::{Form, FromRequest, Request},
    http::Uri,
    response::{IntoResponse, Redirect, Response},
};

use super::view::View;

/// The fields of a posted form, and the view it was posted from.
#[derive(Debug)]
pub(super) struct Posted {
    fields: Vec<(String, String)>,
    pub(super) view: View,
}

/// Where a form leads: back to the page, with something to tell or not.
#[derive(Debug)]
pub(super) struct Back(View);

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let Form(fields) = Form::<Vec<(String, String)>>::from_request(request, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let back = fields.iter().find(|(name, _)| name == "back").map(|(_, link)| link.as_str());
        let view = back.and_then(|link| link.parse::<Uri>().ok()).map(|uri| View::read(&pairs(&uri)));
        Ok(Self { view: view.unwrap_or_default(), fields })
    }
}

/// A query as names and values.
pub(super) fn pairs(uri: &Uri) -> Vec<(String, String)> {
    axum::extract::Query::try_from_uri(uri).map(|query| query.0).unwrap_or_default()
}

impl Posted {
    /// A field's value; empty where it is missing.
    pub(super) fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }

    /// All fields but where it was posted from.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().filter(|(name, _)| name != "back").map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// Back to where it was posted from.
    pub(super) fn back(self) -> Back {
        Back(View { note: String::new(), bad: false, ..self.view })
    }

    /// Back, with something good to tell or something bad.
    pub(super) fn tell(self, news: Result<String, String>) -> Back {
        let Back(view) = self.back();
        Back(match news {
            Ok(note) => View { note, ..view },
            Err(note) => View { note, bad: true, ..view },
        })
    }

    /// Back, with something to tell if there is something.
    pub(super) fn tell_if(self, news: Option<Result<String, String>>) -> Back {
        match news {
            Some(news) => self.tell(news),
            None => self.back(),
        }
    }
}

impl Back {
    /// To a view that differs.
    pub(super) fn change(mut self, change: impl FnOnce(&mut View)) -> Self {
        change(&mut self.0);
        self
    }
}

impl IntoResponse for Back {
    fn into_response(self) -> Response {
        Redirect::to(&self.0.link()).into_response()
    }
}
